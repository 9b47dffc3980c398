import ArgumentParser
import Bootstrap
import Daemon
import JSON
import Journal
import Reconciler

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what each source and object is at, and what holds it back.",
        discussion: "Reads the journal, with or without a running daemon.")

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    @Flag(
        help: """
            Go on until Ctrl-C or --timeout: drawn anew on a terminal, elsewhere printed again when it has changed.
            """)
    var watch = false

    /// How often a watcher looks: the journal is a file beside it.
    private static let pause = Duration.seconds(1)

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let journal = try JournalReading.open(configuration)
            defer { journal.close() }
            guard watch else {
                try Output.print(try await page(configuration, journal, Clock(now: Environment.system.now())))
                return .inSync
            }
            let isLive = output == .text && Terminal.isStandardOutputLive
            let end = common.timeout.map { ContinuousClock.now + .seconds($0) }
            var screen = Screen(isLive: isLive)
            while end.map({ ContinuousClock.now < $0 }) ?? true {
                // Ages would make a new block of what has not changed.
                let clock = Clock(now: isLive ? Environment.system.now() : nil)
                if let text = screen.next(try await page(configuration, journal, clock)) { try Output.print(text) }
                try await Task.sleep(
                    for: end.map { min(Self.pause, ContinuousClock.now.duration(to: $0)) } ?? Self.pause)
            }
            return .inSync
        }
    }

    private func page(_ configuration: Configuration, _ journal: Journal, _ clock: Clock) async throws -> String {
        var sources: [SourceStatus] = []
        for source in configuration.sources {
            sources.append(try await SourceStatus(source.name, journal, now: Environment.system.now()))
        }
        switch output {
        case .json:
            return JSONWriter(isPretty: !watch).text(of: StatusJSON.document(of: sources)) + "\n"
        case .text:
            let text = StatusText(terminal: common.terminal, clock: clock)
            return sources.map { text.text(of: $0) }.joined(separator: "\n")
        }
    }
}

/// The journal for commands that only look, with or without a running daemon.
enum JournalReading {
    static func open(_ configuration: Configuration) throws -> Journal {
        guard let journal = try Journal.openReadOnly(directory: configuration.stateDirectory) else {
            throw Failure(
                .other,
                "there is no journal in \(configuration.stateDirectory): either no pass has been made yet ('akua-gitops "
                    + "reconcile' makes one), or the state directory is another one (--state-directory)")
        }
        return journal
    }
}
