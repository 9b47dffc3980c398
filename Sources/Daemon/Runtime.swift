import AkuaAPI
import AkuaModel
package import Bootstrap
import CurlTransport
import Foundation
import GitSource
package import Journal
import Manifests
package import Reconciler
package import Telemetry

/// Everything that a configuration comes to: clients, repositories and reconcilers, put together in one place.
package struct Runtime: Sendable {
    /// The version of this program, for logs and the platform.
    package static let version = "0.1.0"
    /// The versions of the libraries that the machine provides, as libcurl writes those it is made of itself.
    package static var libraries: String {
        "libgit2/\(GitSource.libraryVersion) libyaml/\(YAMLReader.libraryVersion) sqlite/\(Journal.libraryVersion) "
            + HTTPTransport.libraryVersions
    }

    package let configuration: Configuration
    package let journal: Journal
    private let transport: HTTPTransport
    private let environment: Environment
    private let logger: Telemetry.Logger
    private let meters: Meters
    private let fetchProgram: String
    private let clients: [ClientKey: AkuaClient]
    /// For the clients that several sources have in common.
    private let sharedLists: [ClientKey: SharedLists]
    /// Nil where nobody collects traces.
    private let exporter: TraceExporter?

    /// Sources with the same token and workspace share a client, and with it its pace.
    private struct ClientKey: Hashable {
        var token: String
        var workspace: String?
    }

    /// - Throws: what makes the configuration unusable although it is well-formed.
    package init(
        _ configuration: Configuration, journal: Journal, environment: Environment = .system,
        logger: Telemetry.Logger, meters: Meters, fetchProgram: String? = nil
    ) throws {
        self.configuration = configuration
        self.journal = journal
        self.environment = environment
        self.logger = logger
        self.meters = meters
        self.fetchProgram = try fetchProgram ?? Self.locateFetchProgram()
        // The configuration has checked that plain HTTP only goes to this machine.
        let baseURL = try BaseURL(configuration.api.baseURL, allowsPlainHTTP: true)
        let transport = HTTPTransport(
            TransportConfiguration(allowsPlainHTTP: baseURL.isPlain, caFile: configuration.api.caFile))
        self.transport = transport
        exporter = configuration.telemetry.otlpEndpoint.map { endpoint in
            TraceExporter(endpoint: endpoint, version: Self.version, logger: logger, meters: meters)
        }
        var clients: [ClientKey: AkuaClient] = [:]
        for source in configuration.sources {
            let key = ClientKey(token: source.token.description, workspace: source.workspace)
            guard clients[key] == nil else { continue }
            let token = source.token
            clients[key] = AkuaClient(
                AkuaClient.Configuration(
                    baseURL: baseURL, token: { AkuaAPI.Secret(String(decoding: try token.read(), as: UTF8.self)) },
                    workspace: source.workspace, version: Self.version,
                    maxConcurrency: configuration.api.maxConcurrency),
                transport: transport, traces: exporter?.traces ?? .none, observer: Self.observer(logger, meters))
        }
        self.clients = clients
        // A source that is alone with its workspace has nobody to share with.
        let keys = configuration.sources.map { ClientKey(token: $0.token.description, workspace: $0.workspace) }
        sharedLists = Dictionary(grouping: keys, by: \.self).filter { $0.value.count > 1 }.mapValues { _ in
            SharedLists()
        }
    }

    /// Beside this program, or where packages put helper programs.
    private static func locateFetchProgram() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(filePath: own).deletingLastPathComponent()
        let name = "akua-gitops-fetch"
        let places = [
            folder.appending(path: name), folder.appending(path: "../libexec/akua-gitops/\(name)").standardized,
        ]
        guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw RuntimeError(
                "the program \(name) is missing: it belongs to \(places.map(\.path).joined(separator: " or "))")
        }
        return found.path
    }

    /// Counts every attempt and logs those that did not go as planned.
    private static func observer(_ logger: Telemetry.Logger, _ meters: Meters) -> APIObserver {
        { attempt in
            meters.requested(
                method: attempt.method, route: attempt.route, status: attempt.status, in: attempt.duration)
            if let throttle = attempt.throttle {
                logger.emit(
                    .apiThrottled, "the platform asks for fewer requests",
                    [
                        .method: attempt.method, .route: attempt.route, .httpStatus: attempt.status,
                        .delayMs: throttle.pause, .count: throttle.concurrency, .reconcileID: attempt.requestID,
                    ])
            }
            guard let retry = attempt.retry else { return }
            meters.retried()
            logger.emit(
                .apiRetried, "a request is tried again",
                [
                    .method: attempt.method, .route: attempt.route, .httpStatus: attempt.status,
                    .attempt: attempt.attempt, .delayMs: retry.delay, .reason: retry.reason,
                    .durationMs: attempt.duration, .idempotencyKey: attempt.idempotencyKey,
                    .reconcileID: attempt.requestID,
                ])
        }
    }

    /// Sends traces for as long as `body` takes.
    package func exportingTraces(_ body: @escaping @Sendable () async -> Void) async {
        guard let exporter else { return await body() }
        await withDiscardingTaskGroup { group in
            group.addTask { await exporter.run() }
            await body()
            group.cancelAll()
        }
    }

    /// Ends the connections; nothing may be asked of the runtime after it.
    package func close() async {
        await transport.shutdown()
        await exporter?.close()
    }
}

/// Why a well-formed configuration can't be used.
package struct RuntimeError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

extension Runtime {
    /// The reconciler of one source.
    ///
    /// - Parameter workTree: a checkout to read instead of the newest commit, for `plan --source-path`.
    package func reconciler(of source: Configuration.Source, workTree: String? = nil) throws -> Reconciler {
        try FileManager.default.createDirectory(
            atPath: "\(configuration.stateDirectory)/sources", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let git = try GitSource(source, in: configuration.stateDirectory, fetchProgram: fetchProgram)
        var repository: any SourceRepository = GitRepository(git, path: source.path)
        if let workTree {
            repository = WorkTreeRepository(WorkTree(workTree), path: source.path, base: repository)
        }
        let key = ClientKey(token: source.token.description, workspace: source.workspace)
        guard let client = clients[key] else { throw RuntimeError("source \(source.name) has no client") }
        var reconciler = Reconciler(
            source: .init(
                name: source.name, url: source.url, ref: source.branch, path: source.path,
                formerNames: source.formerNames,
                neighbours: configuration.sources.map(\.name).filter { $0 != source.name } + configuration.otherSources),
            repository: repository, platform: client, journal: journal,
            workspace: source.workspace.flatMap(WorkspaceID.init), environment: environment, logger: logger,
            meters: meters, traces: exporter?.traces ?? .none, tuned: Self.tuned)
        reconciler.sharedLists = sharedLists[key]
        return reconciler
    }

    /// The client as the settings of a commit want it.
    private static let tuned: Reconciler.Tuning = { platform, settings, id, control in
        guard let client = platform as? AkuaClient else { return platform }
        var options = client.options
        options.retry = RetryPolicy(
            attemptsMax: settings.retry.attempts, backoff: settings.retry.backoff,
            backoffMax: settings.retry.maxBackoff)
        options.timeouts.request = settings.timeouts.request
        options.timeouts.artifact = settings.timeouts.artifact
        options.requestID = id
        options.admitsWrites = { control.ending == nil }
        return client.with(options)
    }
}

extension Environment {
    /// The machine's clocks and chance.
    package static let system = Environment(
        now: { Int(LogOutput.systemMilliseconds()) },
        uptime: { [start = ContinuousClock.now] in Int(start.duration(to: .now) / .milliseconds(1)) },
        sleep: { try await Task.sleep(for: $0, clock: .continuous) },
        random: { Double.random(in: 0..<1) })
}
