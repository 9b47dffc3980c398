package import Bootstrap
import Foundation
import GitSource
import JSON
package import Journal
import Manifests
import NIOPosix
import Planning
import Reconciler
import ServiceLifecycle
import Synchronization
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

    /// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again.
    package func run() async throws {
        let meters = Meters(factory: registry)
        meters.built(version: Runtime.version)
        let notification = ServiceNotification(environment: environment)
        let board = StatusBoard()
        let loops = SourceLoops(
            board: board, journal: journal, logger: logger, meters: meters, notification: notification)
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = logger
        let registry = registry
        logger.emit(
            .daemonStarting, "the daemon starts",
            [
                .version: Runtime.version, .pid: Int(ProcessInfo.processInfo.processIdentifier),
                .count: configuration.sources.count,
            ])
        let health = HealthServer(
            address: configuration.server.listen,
            content: .init(
                unreadiness: { board.unreadiness }, metrics: { registry.text() }, status: { board.json }),
            group: group, logger: logger,
            onListening: { port in
                logger.emit(.daemonReady, "health and metrics are served", [.address: "port \(port)"], level: .debug)
            })
        let control = ControlSocket(
            runtimeDirectory: environment["RUNTIME_DIRECTORY"], stateDirectory: configuration.stateDirectory,
            group: group, handler: { await ControlHandler(journal: journal, loops: loops).answer($0) })
        let services: [any Service] = [
            health, control, Watchdog(notification) { loops.areAlive },
            Supervisor(first: configuration, reload: reload, loops: loops, logger: logger, notification: notification),
        ]
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger.quietedForLibraries
        ).run()
        notification.stopping(status: "stopped")
        logger.emit(.daemonStopped, "the daemon has stopped")
    }
}

/// Starts and stops the source loops: once, and again whenever SIGHUP brings another configuration.
private struct Supervisor: Service {
    let first: Configuration
    let reload: @Sendable () throws -> Configuration
    let loops: SourceLoops
    let logger: Logger
    let notification: ServiceNotification

    func run() async throws {
        try await withGracefulShutdownHandler {
            var configuration = first
            while true {
                guard try await generation(&configuration) else { return }
            }
        } onGracefulShutdown: {
            logger.emit(.daemonStopping, "the daemon stops: what was sent is settled or left to the journal")
            notification.stopping(status: "stopping")
            loops.shutDown()
        }
    }

    /// Runs the loops of one configuration; true when another one is to follow.
    private func generation(_ configuration: inout Configuration) async throws -> Bool {
        let runtime = try loops.start(configuration)
        notification.ready(status: loops.statusLine)
        logger.emit(.daemonReady, "the daemon watches its sources", [.count: configuration.sources.count])
        let current = configuration
        let next = await withTaskGroup(of: Configuration?.self) { group in
            group.addTask {
                await loops.run()
                return nil
            }
            group.addTask { await nextConfiguration(after: current) }
            let next = await group.next() ?? nil
            if next != nil { loops.stop() }
            group.cancelAll()
            return next
        }
        await runtime.close()
        guard let next, !loops.isShuttingDown else { return false }
        configuration = next
        return true
    }

    /// Waits for a SIGHUP that brings a valid, different configuration; one that is not valid is refused and said.
    private func nextConfiguration(after current: Configuration) async -> Configuration? {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            notification.reloading()
            do {
                let next = try reload()
                guard next.stateDirectory == current.stateDirectory, next.server == current.server,
                    next.log == current.log
                else {
                    throw RuntimeError(
                        "stateDirectory, server and log take a restart; the rest of the new configuration waits for it")
                }
                logger.emit(.daemonReloaded, "the new configuration is in force", [.count: next.sources.count])
                return next
            } catch {
                logger.emit(
                    .daemonReloaded, "the new configuration is refused and the old one stays in force",
                    [.outcome: "failed", .error: "\(error)"], level: .error)
                notification.ready(status: loops.statusLine)
            }
        }
        return nil
    }
}

/// The loops that run at present.
final class SourceLoops: Sendable {
    private let board: StatusBoard
    private let journal: Journal
    private let logger: Logger
    private let meters: Meters
    private let notification: ServiceNotification
    private let state = Mutex((loops: [SourceLoop](), isShuttingDown: false))

    /// How long a loop may go without turning before the watchdog is left to act.
    private static let patience = Duration.seconds(15 * 60)

    init(
        board: StatusBoard, journal: Journal, logger: Logger, meters: Meters, notification: ServiceNotification
    ) {
        self.board = board
        self.journal = journal
        self.logger = logger
        self.meters = meters
        self.notification = notification
    }

    /// Builds the loops of a configuration.
    func start(_ configuration: Configuration) throws -> Runtime {
        let runtime = try Runtime(configuration, journal: journal, logger: logger, meters: meters)
        board.expect(configuration.sources.map(\.name))
        let (board, notification) = (board, notification)
        let loops = try configuration.sources.map { source in
            SourceLoop(
                try runtime.reconciler(of: source), pollInterval: source.pollInterval, environment: .system,
                board: board, logger: logger, onPass: { notification.status(board.line) })
        }
        state.withLock { state in
            state.loops = loops
            if state.isShuttingDown { for loop in loops { loop.stop() } }
        }
        return runtime
    }

    /// Runs them until they are stopped.
    func run() async {
        let loops = state.withLock { $0.loops }
        await withDiscardingTaskGroup { group in
            for loop in loops { group.addTask { await loop.run() } }
            if loops.isEmpty { group.addTask { try? await gracefulShutdown() } }
        }
    }

    func stop() {
        state.withLock { state in
            for loop in state.loops { loop.stop() }
        }
    }

    /// Stops them for good.
    func shutDown() {
        state.withLock { $0.isShuttingDown = true }
        stop()
    }

    /// Triggers one source, or all; the names of those that were.
    func trigger(_ source: String?) -> [String] {
        let chosen = state.withLock { $0.loops }.filter { source == nil || $0.name == source }
        for loop in chosen { loop.trigger() }
        return chosen.map(\.name)
    }

    var names: [String] { state.withLock { $0.loops.map(\.name) } }
    var statusLine: String { board.line }
    var isShuttingDown: Bool { state.withLock { $0.isShuttingDown } }
    var areAlive: Bool { state.withLock { $0.loops }.allSatisfy { $0.isAlive(within: Self.patience) } }
}
