import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import GitSource
import JSON
import Journal
import Manifests
import Planning
import Reconciler

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests offline: schema, references, cycles, values against input schemas.")

    @Argument(help: "The root of a checkout. Default: the current folder.")
    var path = "."

    @Option(help: "The folder of the manifests in the checkout.")
    var manifests = ""

    @Option(help: "text or json.")
    var output = OutputFormat.text

    @Flag(help: "No colour, even on a terminal.")
    var noColor = false

    func run() async throws {
        try await reporting {
            let folder = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            let loaded: LoadedSource
            do throws(SourceError) {
                loaded = try await WorkTreeRepository.read(WorkTree(folder), path: manifests)
            } catch {
                throw Failure(.invalidManifests, error.description)
            }
            let terminal = Terminal.standardOutput(noColor: noColor)
            switch loaded {
            case .empty(let sentence): throw Failure(.invalidManifests, sentence)
            case .invalid(let errors):
                Output.print(rendered(errors: errors, warnings: [], count: 0, terminal))
                return .invalidManifests
            case .valid(let desired, let warnings):
                Output.print(rendered(errors: [], warnings: warnings, count: desired.headers.count, terminal))
                return .inSync
            }
        }
    }

    private func rendered(
        errors: [ManifestError], warnings: [ManifestError], count: Int, _ terminal: Terminal
    ) -> String {
        if output == .json {
            let document: JSONValue = [
                "v": 1, "valid": .bool(errors.isEmpty), "objects": .number(JSONNumber(count)),
                "errors": .array(errors.map(PlanJSON.value)), "warnings": .array(warnings.map(PlanJSON.value)),
            ]
            return JSONWriter(isPretty: true).text(of: document) + "\n"
        }
        var lines = errors.map { terminal.styled("error: ", .red) + Terminal.clean($0.description) }
        lines += warnings.map { terminal.styled("warning: ", .yellow) + Terminal.clean($0.description) }
        lines.append(
            errors.isEmpty ? "valid: \(count) objects" : "\(errors.count) errors; nothing of it would be applied")
        return lines.map { $0 + "\n" }.joined()
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what each source and object is at.")

    @OptionGroup var common: CommonOptions

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let journal = try JournalReading.open(configuration)
            defer { journal.close() }
            var sources: [StatusOutput.Source] = []
            for source in configuration.sources { sources.append(try await StatusOutput.Source(source.name, journal)) }
            Output.print(
                output == .json
                    ? JSONWriter(isPretty: true).text(of: StatusOutput.document(of: sources)) + "\n"
                    : sources.map { StatusOutput.text(of: $0, common.terminal) }.joined())
            return .inSync
        }
    }
}

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show past reconciles with their commits and actions.")

    @OptionGroup var common: CommonOptions

    @Option(help: "How many, newest first.")
    var limit = 20

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            guard (1...10_000).contains(limit) else { throw Failure(.usage, "--limit goes from 1 to 10000") }
            let configuration = try common.loadConfiguration()
            let journal = try JournalReading.open(configuration)
            defer { journal.close() }
            var passes: [HistoryOutput.Pass] = []
            for record in try await journal.reconciles(of: common.source, limit: limit) {
                passes.append(HistoryOutput.Pass(record: record, actions: try await journal.actions(of: record.id)))
            }
            Output.print(
                output == .json
                    ? JSONWriter(isPretty: true).text(of: HistoryOutput.document(of: passes)) + "\n"
                    : passes.map { HistoryOutput.text(of: $0, common.terminal) }.joined())
            return .inSync
        }
    }
}

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the manifests, for editors.")

    func run() async throws {
        Output.print(JSONWriter(isPretty: true).text(of: ManifestSchema.document) + "\n")
    }
}

/// The journal for commands that only look, with or without a running daemon.
enum JournalReading {
    static func open(_ configuration: Configuration) throws -> Journal {
        guard let journal = try Journal.openReadOnly(directory: configuration.stateDirectory) else {
            throw Failure(
                .other,
                "there is no journal in \(configuration.stateDirectory): no pass has been made with this state "
                    + "directory")
        }
        return journal
    }
}
