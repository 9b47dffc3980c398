import ArgumentParser
import Bootstrap
import Journal
import Reconciler

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show past reconciles with their commits and actions, newest first.",
        discussion: "Passes that changed nothing leave no entry. Reads the journal, with or without a running daemon.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("How many, newest first.", valueName: "number"))
    var limit = 20

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit goes from 1 to 10000") }
    }

    func run() async throws {
        try await reporting {
            let journal = try JournalReading.open(try common.loadConfiguration())
            defer { journal.close() }
            var passes: [PastPass] = []
            for record in try await journal.reconciles(of: common.source, limit: limit) {
                passes.append(PastPass(record: record, actions: try await journal.actions(of: record.id)))
            }
            switch output {
            case .json: try Output.print(HistoryJSON.document(of: passes))
            case .text: try Output.print(HistoryText(terminal: common.terminal).text(of: passes))
            }
            return .inSync
        }
    }
}
