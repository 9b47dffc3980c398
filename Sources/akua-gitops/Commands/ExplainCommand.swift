import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import Manifests
import Planning
import Reconciler
import Telemetry

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show all that is known of one object, and what holds it back.",
        discussion: """
            Looks at git and the workspace as plan does, and at the journal, with or without a running daemon; where the \
            former can't be reached, at the journal alone. Writes nothing. Exits with 1 when nobody knows the object.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("The object, as in Install/checkout-eu.", valueName: "kind/name"))
    var object: OwnedObject

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    @Flag(help: "Look at the journal alone.")
    var offline = false

    @Flag(help: "Show the values of installs.")
    var showValues = false

    @Option(help: ArgumentHelp("How many actions and renders, newest first.", valueName: "number"))
    var limit = 10

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit goes from 1 to 10000") }
    }

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let opened = try Journal.openReadOnly(directory: configuration.stateDirectory)
            // Nothing but the journal is to be looked at, and there is none: the error says so.
            let journal = try opened ?? (offline ? JournalReading.open(configuration) : Journal.inMemory())
            defer { journal.close() }
            let reference = ObjectReference(object.kind, object.name)
            var explanations: [Explanation] = []
            for source in configuration.sources {
                explanations.append(try await explanation(of: reference, source.name, journal))
            }
            var names: Set<String> = []
            if !offline {
                for (position, report) in try await look(configuration, journal).enumerated() {
                    explanations[position].look(at: report)
                    names.formUnion(report.sight?.declared.map(\.description) ?? [])
                }
            }
            let known = explanations.filter(\.isKnown)
            guard !known.isEmpty else { throw try await unknown(reference, explanations, names, journal) }
            switch output {
            case .json: try Output.print(ExplanationJSON.document(of: known, showsValues: showValues))
            case .text:
                let text = ExplanationText(
                    terminal: common.terminal, clock: Clock(now: Environment.system.now()), showsValues: showValues)
                try Output.print(known.map { text.text(of: $0) }.joined(separator: "\n"))
            }
            return .inSync
        }
    }

    private func explanation(
        of reference: ObjectReference, _ source: String, _ journal: Journal
    ) async throws -> Explanation {
        let status = try await SourceStatus(source, journal, now: Environment.system.now())
        var past = Explanation.Past()
        if let record = status.record {
            past = try await Explanation.Past(reference, of: record, journal, limit: limit)
        }
        return Explanation(object: reference, source: source, suspensions: status.suspensions, past: past)
    }

    /// A pass over each source that only looks; whatever keeps it from looking is in its report.
    private func look(_ configuration: Configuration, _ journal: Journal) async throws -> [PassReport] {
        func blind(_ sentence: String) -> [PassReport] {
            configuration.sources.map { source in
                var report = PassReport(source: source.name, reconcile: "", startedAt: 0)
                report.emptyPath = sentence
                return report
            }
        }
        let problems = configuration.checkFiles()
        guard problems.isEmpty else { return blind(problems.map(\.description).joined(separator: "; ")) }
        let logger = try common.passLogger(configuration)
        let scratch = try PlanScratch()
        defer { scratch.remove() }
        do {
            let runtime = try Runtime(
                scratch.redirected(configuration), journal: journal, logger: logger, meters: .none())
            let reports = try await common.withinTimeout { () async throws -> [PassReport] in
                var reports: [PassReport] = []
                for source in configuration.sources {
                    reports.append(await (try runtime.reconciler(of: source)).plan())
                }
                return reports
            }
            await runtime.close()
            return reports
        } catch let error as RuntimeError {
            return blind(error.description)
        }
    }

    private func unknown(
        _ reference: ObjectReference, _ explanations: [Explanation], _ declared: Set<String>, _ journal: Journal
    ) async throws -> Failure {
        var names = declared
        for explanation in explanations {
            for record in try await journal.objects(of: explanation.source) {
                names.insert("\(record.identity.kind)/\(record.identity.name)")
            }
        }
        let sources = explanations.map(\.source).joined(separator: ", ")
        let hint = Suggestion.hint(for: reference.description, among: names.sorted()).map { "; \($0)" } ?? ""
        let blindness = explanations.compactMap(\.blindness).first.map { "\n\($0)" } ?? ""
        return Failure(.other, "no \(reference) is declared or on record in \(sources)\(hint)\(blindness)")
    }
}
