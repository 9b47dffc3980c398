import ArgumentParser
import Bootstrap
import Daemon
import Journal
import Reconciler
import Telemetry

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Make one pass over every source, wait for what it started, and exit.",
        discussion: """
            Exits with 0 when everything is in sync or was brought there, 65 for invalid manifests, 69 when git or the \
            API can't be reached, 75 when something failed, is blocked or waits, 78 for an invalid configuration.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Release the blocked set with this digest, once, before the pass.", valueName: "digest"))
    var allow: BlockedDigest?

    @Option(help: "How to print what was done.")
    var output = ReportFormat.text

    @Flag(help: "Show the values of installs.")
    var showValues = false

    func run() async throws {
        try await reporting {
            let configuration = try common.loadCheckedConfiguration()
            let logger = try common.passLogger(configuration)
            let opened = try Journal.open(directory: configuration.stateDirectory, now: Environment.system.now())
            let journal = opened.journal
            defer { journal.close() }
            opened.report()
            if let allow {
                _ = try await JournalCommands(journal).allow(
                    allow.text, source: common.source, configured: configuration.sources.map(\.name))
            }
            let runtime = try Runtime(configuration, journal: journal, logger: logger, meters: .none())
            let reports = try await common.withinTimeout { () async throws -> [PassReport] in
                var reports: [PassReport] = []
                for source in configuration.sources {
                    reports.append(await (try runtime.reconciler(of: source)).reconcile(.once))
                }
                return reports
            }
            await runtime.close()
            switch output {
            case .json: try Output.print(ReconcileJSON.document(of: reports, showsValues: showValues))
            case .text:
                let text = ReconcileText(terminal: common.terminal)
                try Output.print(reports.map { text.text(of: $0, showsValues: showValues) }.joined(separator: "\n"))
            }
            return reports.map(\.exitCode).max() ?? .inSync
        }
    }
}

extension Journal.Opened {
    /// Says what had to be done for the journal, on standard error.
    func report() {
        if let replaced {
            Output.error(
                "the journal was damaged (\(replaced.reason)): it was moved to \(replaced.path) and a new one begun")
        } else if hasLostCommits {
            Output.error("the journal's newest entries are lost: the next pass looks for what they said")
        }
    }
}
