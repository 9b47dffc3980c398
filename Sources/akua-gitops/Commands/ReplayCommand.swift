import ArgumentParser
import Bootstrap
import Daemon
import JSON
import Journal
import Planning
import Reconciler
import Telemetry

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Make the plan of a past reconcile again, and compare.",
        discussion: """
            Plans from what the journal has kept and from the commit, without asking git's remote or the platform. Exits \
            with 0 when it is the same plan, with 1 when it is another or nothing was kept: of each source the newest \
            plans that were acted on are, unless they are large.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("The id of the reconcile, as history and the logs have it.", valueName: "reconcile"))
    var reconcile: String

    @Option(help: "How to print it.")
    var output = ReportFormat.text

    @Flag(help: "Show the values of installs.")
    var showValues = false

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let journal = try JournalReading.open(configuration)
            defer { journal.close() }
            let record = try await HistoryShowCommand.record(reconcile, journal)
            guard let stored = try await journal.planning(of: reconcile) else {
                throw Failure(
                    .other,
                    "what the plan of \(reconcile) was made of is not on record: it is kept for the newest "
                        + "\(StoredPlanning.keptMax) passes of a source that acted, and not of large sources")
            }
            guard let source = configuration.sources.first(where: { $0.name == record.source }) else {
                throw Failure(.other, "the configuration has no source '\(record.source)', whose commit is needed")
            }
            let runtime = try Runtime(
                configuration, journal: journal, logger: try common.passLogger(configuration), meters: .none())
            let plan = try await common.withinTimeout {
                try await (try runtime.reconciler(of: source)).replay(stored, at: record.commit)
            }
            await runtime.close()
            let replay = Replay(record: record, stored: stored, plan: plan)
            switch output {
            case .json: try Output.print(replay.document(showsValues: showValues))
            case .text: try Output.print(replay.text(common.terminal, showsValues: showValues))
            }
            return replay.isSame ? .inSync : .other
        }
    }
}

/// A plan that was made again, beside what is on record of the first.
struct Replay {
    var record: ReconcileRecord
    var stored: StoredPlanning
    var plan: Plan

    var isSame: Bool { plan.digest == stored.digest && plan.needs.isEmpty }

    /// The plan as `plan` shows it, below what the comparison says.
    func text(_ terminal: Terminal, showsValues: Bool) -> String {
        let verdict =
            isSame
            ? terminal.styled("The same plan", .green) + " as \(record.id) made at "
                + "\(UnixTime.text(milliseconds: stored.recordedAt)): \(plan.digest)"
            : terminal.styled("Another plan", .red) + " than \(record.id) made: \(stored.digest) then, "
                + "\(plan.digest) now; this version plans differently"
        return verdict + "\n\n" + PlanText(terminal: terminal).text(of: report, showsValues: showsValues)
    }

    func document(showsValues: Bool) -> JSONValue {
        [
            "v": 1, "reconcile_id": .string(record.id), "same": .bool(isSame),
            "recorded_digest": .string(stored.digest), "digest": .string(plan.digest),
            "actions": .array(plan.actions.map { PlanJSON.action($0, showsValues) }),
            "reported": .array(plan.holds.map { PlanJSON.hold($0, showsValues) }),
        ]
    }

    private var report: PassReport {
        var report = PassReport(source: record.source, reconcile: record.id, startedAt: record.startedAt)
        report.revision = FetchedRevision(
            revision: record.revision, commit: record.commit, author: record.commitAuthor,
            subject: record.commitSubject, committedAt: 0)
        report.plan = plan
        return report
    }
}
