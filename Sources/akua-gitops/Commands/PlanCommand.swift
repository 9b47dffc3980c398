import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import Reconciler
import Telemetry

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print what a reconcile would do. Writes nothing.",
        discussion: """
            Exits with 0 when nothing is left to do, 2 when it found actions (blocked ones too), 65 for invalid \
            manifests, 69 when git or the API can't be reached, 75 when something is held, 78 for an invalid \
            configuration.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print the plan; markdown is for a comment on a pull request.")
    var output = PlanFormat.text

    @Option(
        help: ArgumentHelp(
            "The root of an uncommitted checkout to plan instead of the newest commit.", valueName: "folder"))
    var sourcePath: String?

    @Flag(help: "Show the values of installs.")
    var showValues = false

    func run() async throws {
        try await reporting {
            let configuration = try common.loadCheckedConfiguration()
            guard sourcePath == nil || configuration.sources.count == 1 else {
                throw Failure(.usage, "--source-path stands for one source: say which with --source")
            }
            let logger = try common.passLogger(configuration)
            let journal = try Journal.openReadOnly(directory: configuration.stateDirectory) ?? Journal.inMemory()
            defer { journal.close() }
            let scratch = try PlanScratch()
            defer { scratch.remove() }
            let runtime = try Runtime(
                scratch.redirected(configuration), journal: journal, logger: logger, meters: .none())
            let folder = sourcePath.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
            let reports = try await common.withinTimeout { () async throws -> [PassReport] in
                var reports: [PassReport] = []
                for source in configuration.sources {
                    reports.append(await (try runtime.reconciler(of: source, workTree: folder)).plan())
                }
                return reports
            }
            await runtime.close()
            switch output {
            case .json: try Output.print(PlanJSON.document(of: reports, showsValues: showValues))
            case .text:
                let text = PlanText(terminal: common.terminal)
                try Output.print(reports.map { text.text(of: $0, showsValues: showValues) }.joined(separator: "\n"))
            case .markdown: try Output.print(PlanMarkdown.text(of: reports, showsValues: showValues))
            }
            return reports.map(\.planExitCode).max() ?? .inSync
        }
    }
}
