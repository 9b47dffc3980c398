import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import JSON
import Journal
import Planning
import Reconciler
import Telemetry

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the daemon.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reporting {
            guard common.timeout == nil else {
                throw Failure(.usage, "--timeout is not for run, which goes on until it is stopped")
            }
            let configuration = try common.loadCheckedConfiguration()
            let logger = try common.logger(configuration, isDaemon: true)
            let opened = try Journal.open(
                directory: configuration.stateDirectory, now: Environment.system.now())
            defer { opened.journal.close() }
            if let replaced = opened.replaced {
                logger.emit(
                    .journalRecovered, "the journal was damaged: it was moved aside and a new one begun",
                    [.path: replaced.path, .reason: replaced.reason], level: .error)
            }
            let common = common
            try await DaemonService(
                configuration, journal: opened.journal, logger: logger, registry: PrometheusRegistry(),
                environment: ProcessInfo.processInfo.environment, reload: { try common.loadCheckedConfiguration() }
            ).run()
            return .inSync
        }
    }
}

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Make one pass over every source, wait for what it started, and exit.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Release the blocked set with this digest, once, before the pass.")
    var allow: String?

    @Option(help: "text or json.")
    var output = OutputFormat.text

    @Flag(help: "Show the values of installs.")
    var showValues = false

    func run() async throws {
        try await reporting {
            let configuration = try common.loadCheckedConfiguration()
            let logger = try common.logger(configuration, isDaemon: false)
            let journal = try Journal.open(
                directory: configuration.stateDirectory, now: Environment.system.now()
            ).journal
            defer { journal.close() }
            if let allow {
                _ = try await JournalCommands(journal).allow(
                    allow, source: common.source, configured: configuration.sources.map(\.name))
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
            Output.print(
                output == .json
                    ? JSONWriter(isPretty: true).text(of: ReconcileOutput.document(of: reports)) + "\n"
                    : reports.map { ReconcileOutput(terminal: common.terminal).text(of: $0, showsValues: showValues) }
                        .joined())
            return reports.map(\.exitCode).max() ?? .inSync
        }
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print what a reconcile would do. Writes nothing.")

    @OptionGroup var common: CommonOptions

    @Option(help: "text, json or markdown.")
    var output = OutputFormat.text

    @Option(help: "The root of an uncommitted checkout to plan instead of the newest commit.")
    var sourcePath: String?

    @Flag(help: "Show the values of installs.")
    var showValues = false

    func run() async throws {
        try await reporting {
            let configuration = try common.loadCheckedConfiguration()
            guard sourcePath == nil || configuration.sources.count == 1 else {
                throw Failure(.usage, "--source-path stands for one source: say which with --source")
            }
            let logger = try common.logger(configuration, isDaemon: false)
            let journal = try Journal.openReadOnly(directory: configuration.stateDirectory) ?? Journal.inMemory()
            defer { journal.close() }
            let runtime = try Runtime(
                try PlanScratch.redirected(configuration), journal: journal, logger: logger, meters: .none())
            let folder = sourcePath.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
            let reports = try await common.withinTimeout { () async throws -> [PassReport] in
                var reports: [PassReport] = []
                for source in configuration.sources {
                    reports.append(await (try runtime.reconciler(of: source, workTree: folder)).plan())
                }
                return reports
            }
            await runtime.close()
            PlanScratch.remove(runtime.configuration)
            Output.print(rendered(reports))
            return reports.map(\.planExitCode).max() ?? .inSync
        }
    }

    private func rendered(_ reports: [PassReport]) -> String {
        if output == .json {
            let document = PlanJSON.document(of: reports, showsValues: showValues)
            return JSONWriter(isPretty: true).text(of: document) + "\n"
        }
        return reports.map { report -> String in
            guard let rows = PlanRows(report, showsValues: showValues) else {
                return ReconcileOutput(terminal: common.terminal).trouble(of: report)
            }
            return output == .markdown
                ? PlanMarkdown().text(of: rows)
                : PlanText(terminal: common.terminal).text(of: rows)
                    + ReconcileOutput(terminal: common.terminal).warnings(of: report)
        }.joined(separator: output == .markdown ? "\n" : "")
    }
}

/// `plan` writes nothing, so that it can run beside the daemon: it fetches into a folder of its own.
enum PlanScratch {
    static func redirected(_ configuration: Configuration) throws -> Configuration {
        var redirected = configuration
        let folder = FileManager.default.temporaryDirectory.appending(path: "akua-gitops-plan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        redirected.stateDirectory = folder.path
        return redirected
    }

    static func remove(_ configuration: Configuration) {
        // Left over, it is a mirror of a repository in a private folder, and the system clears such folders.
        try? FileManager.default.removeItem(atPath: configuration.stateDirectory)
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }
