import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import Reconciler
import Telemetry

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file. Default: /etc/akua-gitops/config.yaml.")
    var config: String?

    @Option(help: "Only this source.")
    var source: String?

    @Option(help: "json, text or journald.")
    var logFormat: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Flag(help: "No colour, even on a terminal.")
    var noColor = false

    @Option(help: "Give up after so many seconds.")
    var timeout: Int?

    @Option(help: "Where the platform's API begins.")
    var apiBaseUrl: String?

    @Option(help: "The file with the token.")
    var apiTokenFile: String?

    @Option(help: "The ws_ id of the workspace.")
    var apiWorkspace: String?

    @Option(help: "The only certificates to trust, as PEM.")
    var apiCaFile: String?

    @Option(help: "Requests in flight at most.")
    var apiMaxConcurrency: String?

    @Option(help: "The folder of the journal.")
    var stateDirectory: String?

    @Option(help: "Where health, metrics and status are served.")
    var serverListen: String?

    /// The flags that were given, by the path of their key.
    private var flags: [String: String] {
        let given: [(KeyName, String?)] = [
            (Keys.apiBaseURL.name, apiBaseUrl), (Keys.apiTokenFile.name, apiTokenFile),
            (Keys.apiWorkspace.name, apiWorkspace), (Keys.apiCAFile.name, apiCaFile),
            (Keys.apiMaxConcurrency.name, apiMaxConcurrency), (Keys.stateDirectory.name, stateDirectory),
            (Keys.serverListen.name, serverListen), (Keys.logFormat.name, logFormat), (Keys.logLevel.name, logLevel),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { key, text in text.map { (key.path, $0) } })
    }

    /// The configuration, with everything that is wrong with it said at once (exit code 78).
    func loadConfiguration() throws -> Configuration {
        do {
            var configuration = try Configuration.load(
                file: config, environment: ProcessInfo.processInfo.environment, flags: flags)
            if let source {
                let names = configuration.sources.map(\.name)
                configuration.sources.removeAll { $0.name != source }
                guard !configuration.sources.isEmpty else {
                    throw Failure(
                        .usage,
                        "no source is called '\(source)'; there is "
                            + (names.isEmpty ? "none" : names.joined(separator: ", ")))
                }
            }
            return configuration
        } catch let errors as ConfigurationErrors {
            throw Failure(.invalidConfiguration, errors.description)
        }
    }

    /// The configuration of a command that talks to git and the platform: its files are looked at too.
    func loadCheckedConfiguration() throws -> Configuration {
        let configuration = try loadConfiguration()
        let errors = configuration.checkFiles()
        guard errors.isEmpty else {
            throw Failure(.invalidConfiguration, errors.map(\.description).joined(separator: "\n"))
        }
        guard !configuration.sources.isEmpty else {
            throw Failure(.invalidConfiguration, "the configuration names no source: add one under 'sources'")
        }
        return configuration
    }

    var terminal: Terminal { Terminal.standardOutput(noColor: noColor) }

    /// Logs go to standard error, except from the daemon, whose output they are.
    func logger(_ configuration: Configuration, isDaemon: Bool) throws -> Telemetry.Logger {
        let level = LogLevel(rawValue: configuration.log.level.rawValue) ?? .info
        let isGiven = logFormat != nil || isDaemon
        let sink: any LogSink = isDaemon ? DescriptorSink.standardOutput() : DescriptorSink.standardError()
        let output: LogOutput
        switch configuration.log.format {
        case .journald: output = LogOutput(format: JournaldLogFormat(), sink: try JournalSink())
        case .json where isGiven: output = LogOutput(format: JSONLogFormat(), sink: sink)
        case .text, .json: output = LogOutput(format: TextLogFormat(), sink: sink)
        }
        output.adoptLibraries()
        // A command's own output says how it went; its log is for what that does not say.
        return Telemetry.Logger(writingTo: output, level: isDaemon || logLevel != nil ? level : .warning)
    }

    /// Runs `body`, for `--timeout` seconds at most.
    func withinTimeout<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard let timeout else { return try await body() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(timeout))
                throw Failure(
                    .temporary, "not done within \(timeout) seconds; what was sent is settled by the next pass")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// Why a command ends: an exit code of DESIGN §2.3 and what to say on standard error.
struct Failure: Error, CustomStringConvertible {
    var code: ExitStatus
    var description: String

    init(_ code: ExitStatus, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension AsyncParsableCommand {
    /// Runs a command's body and turns what it throws into a sentence and an exit code.
    func reporting(_ body: () async throws -> ExitStatus) async throws {
        let code: ExitStatus
        do {
            code = try await body()
        } catch let failure as Failure {
            Output.error(failure.description)
            code = failure.code
        } catch let error as JournalError {
            Output.error("\(error)")
            code = error.disposition == .configuration ? .invalidConfiguration : .other
        } catch let refusal as CommandRefusal {
            Output.error(refusal.description)
            code = refusal.code == CommandRefusal.malformed ? .usage : .other
        } catch let error as RuntimeError {
            Output.error("\(error)")
            code = .invalidConfiguration
        } catch is CancellationError {
            code = .other
        } catch {
            Output.error("\(error)")
            code = .other
        }
        guard code == .inSync else { throw ArgumentParser.ExitCode(code.rawValue) }
    }
}

/// Where text goes.
enum Output {
    static func print(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static func error(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            FileHandle.standardError.write(Data("akua-gitops: \(Terminal.clean(String(line)))\n".utf8))
        }
    }
}
