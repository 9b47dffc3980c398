import Bootstrap
import Journal
import Reconciler
import Synchronization
import Telemetry

/// The loops that run at present, for whoever stops, triggers or watches them.
final class SourceLoops: Sendable {
    /// The loops of one configuration, with what they share.
    struct Generation: Sendable {
        let configuration: Configuration
        fileprivate let runtime: Runtime
        fileprivate let loops: [SourceLoop]

        /// Runs the loops until all have been stopped.
        func run() async {
            await runtime.exportingTraces {
                await withDiscardingTaskGroup { group in
                    for loop in loops { group.addTask { await loop.run() } }
                }
            }
        }

        func stop() { for loop in loops { loop.stop() } }

        fileprivate func cutShort() { for loop in loops { loop.cutShort() } }

        /// Ends the connections, once the loops have ended.
        func close() async { await runtime.close() }
    }

    private let board: StatusBoard
    private let journal: Journal
    private let logger: Logger
    private let meters: Meters
    private let state = Mutex((generation: Generation?.none, isShuttingDown: false))

    init(board: StatusBoard, journal: Journal, logger: Logger, meters: Meters) {
        self.board = board
        self.journal = journal
        self.logger = logger
        self.meters = meters
    }

    /// Builds the loops of a configuration, and changes nothing yet: what can't be used is known before it is in force.
    func generation(of configuration: Configuration) throws -> Generation {
        let level = LogLevel(rawValue: configuration.log.level.rawValue) ?? .info
        let logger = logger.limited(to: level)
        let runtime = try Runtime(configuration, journal: journal, logger: logger, meters: meters)
        let loops = try configuration.sources.map { source in
            SourceLoop(
                try runtime.reconciler(of: source), pollInterval: source.pollInterval, environment: .system,
                board: board, logger: logger)
        }
        return Generation(configuration: configuration, runtime: runtime, loops: loops)
    }

    /// Puts a generation in the place of the one before, which has ended.
    func put(_ generation: Generation) {
        let names = generation.configuration.sources.map(\.name)
        for name in Set(self.names).subtracting(names) { meters.forget(source: name) }
        board.expect(names)
        let isShuttingDown = state.withLock { state in
            state.generation = generation
            return state.isShuttingDown
        }
        if isShuttingDown { generation.stop() }
    }

    /// Stops them for good: those of a generation that comes later, too.
    func shutDown() {
        board.fallSilent()
        let generation = state.withLock { state in
            state.isShuttingDown = true
            return state.generation
        }
        generation?.stop()
    }

    /// A reload brought a configuration that can't be used.
    func refuseReload() { board.refuseReload() }

    /// Gives up what is still under way once they are stopped.
    func cutShort() { state.withLock { $0.generation }?.cutShort() }

    /// Triggers one source, or all; the names of those that were.
    func trigger(_ source: String?) -> [String] {
        let chosen = loops.filter { source == nil || $0.name == source }
        for loop in chosen { loop.trigger() }
        return chosen.map(\.name)
    }

    /// What `change` answers, made while no pass of that source is running.
    func betweenPasses<Answer: Sendable>(
        of source: String, _ change: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        guard let loop = loops.first(where: { $0.name == source }), let answer = await loop.betweenPasses(change) else {
            // No loop of that name, or one that has ended: nobody else changes the source's records.
            return await change()
        }
        return answer
    }

    /// Whether a source of that name is configured; no name stands for all.
    func has(_ source: String?) -> Bool { source.map(names.contains) ?? true }

    private var loops: [SourceLoop] { state.withLock { $0.generation?.loops ?? [] } }

    var names: [String] { loops.map(\.name) }
    var statusLine: String { board.line }
    var areAlive: Bool { loops.allSatisfy(\.isAlive) }
}
