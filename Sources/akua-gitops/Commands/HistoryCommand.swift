import ArgumentParser
import Bootstrap
import Journal
import Reconciler

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show past reconciles with their commits and actions.",
        discussion: "Passes that changed nothing leave no entry. Reads the journal, with or without a running daemon.",
        subcommands: [HistoryListCommand.self, HistoryShowCommand.self], defaultSubcommand: HistoryListCommand.self)
}

struct HistoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The newest reconciles, newest first; what history alone does.")

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

struct HistoryShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One reconcile with all that is on record of it.")

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("Its id, as history and the logs have it.", valueName: "reconcile"))
    var reconcile: String

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    func run() async throws {
        try await reporting {
            let journal = try JournalReading.open(try common.loadConfiguration())
            defer { journal.close() }
            let pass = try await PastPass(all: try await Self.record(reconcile, journal), journal)
            switch output {
            case .json: try Output.print(HistoryJSON.document(ofAll: pass))
            case .text: try Output.print(PastPassText(terminal: common.terminal).text(of: pass))
            }
            return .inSync
        }
    }

    /// The pass of that id, or a failure that says where ids are found.
    static func record(_ id: String, _ journal: Journal) async throws -> ReconcileRecord {
        if let record = try await journal.reconcile(id) { return record }
        throw Failure(
            .other,
            "no pass on record is called '\(id)': 'akua-gitops history' lists them, and those that changed nothing "
                + "leave no entry")
    }
}
