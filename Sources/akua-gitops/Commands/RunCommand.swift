import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
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
            let logger = try common.daemonLogger(configuration)
            let opened = try Journal.open(
                directory: configuration.stateDirectory, now: Environment.system.now())
            defer { opened.journal.close() }
            if let replaced = opened.replaced {
                logger.emit(
                    .journalRecovered, "the journal was damaged: it was moved aside and a new one begun",
                    [.path: replaced.path, .reason: replaced.reason], level: .error)
            } else if opened.hasLostCommits {
                logger.emit(
                    .journalRecovered, "the journal's newest entries are lost: what they said is looked for again",
                    [.path: configuration.stateDirectory], level: .error)
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
