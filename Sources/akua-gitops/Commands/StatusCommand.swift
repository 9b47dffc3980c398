import ArgumentParser
import Bootstrap
import Journal
import Reconciler

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what each source and object is at, and what holds it back.",
        discussion: "Reads the journal, with or without a running daemon.")

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let journal = try JournalReading.open(configuration)
            defer { journal.close() }
            var sources: [SourceStatus] = []
            for source in configuration.sources { sources.append(try await SourceStatus(source.name, journal)) }
            switch output {
            case .json: try Output.print(StatusJSON.document(of: sources))
            case .text:
                let text = StatusText(terminal: common.terminal)
                try Output.print(sources.map { text.text(of: $0) }.joined(separator: "\n"))
            }
            return .inSync
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
