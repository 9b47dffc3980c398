package import Bootstrap
import Foundation
package import Journal
import NIOPosix
import Reconciler
import ServiceLifecycle
package import Telemetry
import UnixSignals

/// The daemon: a loop for each source, the health server, the control socket, systemd.
package struct DaemonService: Sendable {
    private let configuration: Configuration
    private let reload: @Sendable () throws -> Configuration
    private let journal: Journal
    private let logger: Logger
    private let registry: PrometheusRegistry
    private let environment: [String: String]

    /// What a stop may take before everything is cut off: the loops have settled by then, a slow client has not.
    private static let stopMax = Duration.seconds(4)

    /// - Parameter reload: reads the configuration again, for SIGHUP.
    package init(
        _ configuration: Configuration, journal: Journal, logger: Logger, registry: PrometheusRegistry,
        environment: [String: String], reload: @escaping @Sendable () throws -> Configuration
    ) {
        self.configuration = configuration
        self.journal = journal
        self.logger = logger
        self.registry = registry
        self.environment = environment
        self.reload = reload
    }

    /// Runs until SIGTERM or SIGINT, of which a second one does not wait for what is under way; SIGHUP reads the
    /// configuration again.
    package func run() async throws {
        HeapMemory.limitArenas()
        // Trapped before anything begins and until everything has ended: no signal is missed, and none kills.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        logger.emit(
            .daemonStarting, "the daemon starts",
            [
                .version: Runtime.version, .libraries: Runtime.libraries,
                .pid: Int(ProcessInfo.processInfo.processIdentifier),
                .count: configuration.sources.count,
            ])
        KnownDefects.warn(of: Runtime.libraries, to: logger)
        let notification = ServiceNotification(environment: environment)
        let (reloads, reloadAsked) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let meters = Meters(factory: registry)
        meters.built(version: Runtime.version)
        let board = StatusBoard(onLine: { notification.status($0) })
        let loops = SourceLoops(board: board, journal: journal, logger: logger, meters: meters)
        let services = services(board, loops, meters, notification, reloads)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await Self.obey(signals, services, loops, reloadAsked) }
                defer { group.cancelAll() }
                try await services.run()
            }
        } catch is CancellationError {
            // What had not ended by itself after `stopMax` was cut off; nothing that counts is among it by then.
        } catch {
            logger.emit(.daemonStopped, "the daemon can't go on", [.error: "\(error)"], level: .error)
            throw error
        }
        logger.emit(.daemonStopped, "the daemon has stopped")
    }

    private static func obey(
        _ signals: UnixSignalsSequence, _ services: ServiceGroup, _ loops: SourceLoops,
        _ reloadAsked: AsyncStream<Void>.Continuation
    ) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                reloadAsked.yield()
            } else if isStopping {
                loops.cutShort()
            } else {
                isStopping = true
                await services.triggerGracefulShutdown()
            }
        }
    }

    private func services(
        _ board: StatusBoard, _ loops: SourceLoops, _ meters: Meters, _ notification: ServiceNotification,
        _ reloads: AsyncStream<Void>
    ) -> ServiceGroup {
        let group = MultiThreadedEventLoopGroup.singleton
        let listening = Listening()
        let (registry, address) = (registry, configuration.server.listen)
        let pages = StatusPages(board, journal)
        let health = HealthServer(
            address: address,
            content: .init(
                unreadiness: { board.unreadiness },
                metrics: {
                    board.measure(meters, at: Environment.system.seconds)
                    return registry.text()
                }, status: { board.json(at: Environment.system.seconds) },
                page: { nonce in try await pages.page().document(nonce: nonce) }),
            group: group, logger: logger,
            onListening: { port in listening.serverListens(on: ListenAddress(host: address.host, port: port)) })
        let control = ControlHandler(journal: journal, loops: loops, board: board, logger: logger)
        let socket = ControlSocket(
            runtimeDirectory: environment["RUNTIME_DIRECTORY"], stateDirectory: configuration.stateDirectory,
            group: group, onListening: { listening.socketListens() },
            handler: { await control.answer($0) })
        let supervisor = Supervisor(
            first: configuration, reload: reload, reloads: reloads, listening: listening, loops: loops,
            logger: logger, notification: notification)
        // The last is the first to be stopped: who asks is answered until the loops have ended.
        var services = ServiceGroupConfiguration(
            services: [health, socket, Watchdog(notification) { loops.areAlive }, supervisor],
            logger: logger.quietedForLibraries)
        services.maximumGracefulShutdownDuration = Self.stopMax
        return ServiceGroup(configuration: services)
    }
}

/// Where the daemon can be reached, once it can in every way.
struct Listening: Sendable {
    private enum Event: Sendable { case server(ListenAddress), socket }

    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() { (events, continuation) = AsyncStream.makeStream() }

    func serverListens(on address: ListenAddress) { continuation.yield(.server(address)) }

    func socketListens() { continuation.yield(.socket) }

    /// The server's address, once the control socket is open too; nil when the daemon gives up first.
    func address() async -> ListenAddress? {
        var address: ListenAddress?
        var isSocketOpen = false
        for await event in events {
            switch event {
            case .server(let found): address = found
            case .socket: isSocketOpen = true
            }
            if isSocketOpen, let address { return address }
        }
        return nil
    }
}
