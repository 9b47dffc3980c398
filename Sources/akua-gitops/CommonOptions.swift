import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Reconciler
import Telemetry

/// What every command takes that looks at a configuration.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration. Default: /etc/akua-gitops/config.yaml. Flags for its keys: see --help-hidden.",
            valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Only this source.", valueName: "name"))
    var source: String?

    @Option(help: ArgumentHelp(Keys.logFormat.summary, valueName: "format"))
    var logFormat: String?

    @Option(help: ArgumentHelp(Keys.logLevel.summary, valueName: "level"))
    var logLevel: String?

    @Flag(help: "No colour, even on a terminal; so does a variable NO_COLOR.")
    var noColor = false

    @Option(help: ArgumentHelp("Give up after so many seconds.", valueName: "seconds"))
    var timeout: Int?

    @OptionGroup(visibility: .hidden)
    var overrides: ConfigurationOverrides

    func validate() throws {
        if let timeout, timeout < 1 { throw ValidationError("--timeout must be a whole number of seconds, 1 or more") }
    }

    /// The configuration, with everything that is wrong with it said at once (exit code 78).
    func loadConfiguration() throws -> Configuration {
        var flags = overrides.flags
        flags[Keys.logFormat.name.path] = logFormat
        flags[Keys.logLevel.name.path] = logLevel
        do {
            return try restricted(
                Configuration.load(file: config, environment: ProcessInfo.processInfo.environment, flags: flags))
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

    /// The configuration with the one source that `--source` names.
    private func restricted(_ configuration: Configuration) throws -> Configuration {
        guard let source else { return configuration }
        var restricted = configuration
        restricted.sources.removeAll { $0.name != source }
        restricted.otherSources = configuration.sources.map(\.name).filter { $0 != source }
        guard restricted.sources.isEmpty else { return restricted }
        let names = configuration.sources.map { "'\($0.name)'" }.joined(separator: ", ")
        throw Failure(
            .usage,
            "no source is called '\(source)'; the configuration has \(names.isEmpty ? "none" : names)")
    }

    var terminal: Terminal { Terminal.standardOutput(noColor: noColor) }

    /// The daemon's log, which is its output.
    func daemonLogger(_ configuration: Configuration) throws -> Telemetry.Logger {
        try logger(configuration.log.format, configuration.log.level, DescriptorSink.standardOutput(), orElse: .json)
    }

    /// The log of a command that makes one pass, on standard error.
    ///
    /// The command's output says how the pass went. So unless a log is asked for, this shows how far the pass is, and
    /// what the output does not say; to the journal, of a unit that makes passes, goes the whole log.
    func passLogger(_ configuration: Configuration) throws -> Telemetry.Logger {
        let sink = DescriptorSink.standardError()
        let isForJournal = configuration.log.format == .auto && Self.leadsToJournal(sink)
        guard logFormat == nil, logLevel == nil, !isForJournal else {
            let format = logFormat == nil && !isForJournal ? .text : configuration.log.format
            return try logger(format, configuration.log.level, sink, orElse: .text)
        }
        let format = ProgressFormat(isLive: Terminal.isStandardErrorLive)
        return Self.logger(to: LogOutput(format: format, sink: sink), level: .info)
    }

    /// - Parameter fallback: what `auto` is where the output does not go to the journal.
    private func logger(
        _ format: Configuration.Log.Format, _ level: Configuration.Log.Level, _ sink: DescriptorSink,
        orElse fallback: Configuration.Log.Format
    ) throws -> Telemetry.Logger {
        // A sandbox may hide the journal's socket although the output leads there: lines are better than nothing.
        let journal = format == .auto && Self.leadsToJournal(sink) ? try? JournalSink() : nil
        let output =
            switch format == .auto ? fallback : format {
            case _ where journal != nil: LogOutput(format: JournaldLogFormat(), sink: journal ?? sink)
            case .journald: LogOutput(format: JournaldLogFormat(), sink: try JournalSink())
            case .json, .auto: LogOutput(format: JSONLogFormat(), sink: sink)
            case .text: LogOutput(format: TextLogFormat(), sink: sink)
            }
        return Self.logger(to: output, level: LogLevel(rawValue: level.rawValue) ?? .info)
    }

    private static func leadsToJournal(_ sink: DescriptorSink) -> Bool {
        JournalSink.receives(
            sink.descriptor, journalStream: ProcessInfo.processInfo.environment["JOURNAL_STREAM"])
    }

    private static func logger(to output: LogOutput, level: LogLevel) -> Telemetry.Logger {
        output.adoptLibraries()
        return Telemetry.Logger(writingTo: output, level: level)
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

/// The settings of the configuration file that a flag can set too, named and explained as ``Keys`` has them.
struct ConfigurationOverrides: ParsableArguments {
    @Option(help: ArgumentHelp(Keys.apiBaseURL.summary, valueName: "url"))
    var apiBaseUrl: String?

    @Option(help: ArgumentHelp(Keys.apiTokenFile.summary, valueName: "file"))
    var apiTokenFile: String?

    @Option(help: ArgumentHelp(Keys.apiWorkspace.summary, valueName: "id"))
    var apiWorkspace: String?

    @Option(help: ArgumentHelp(Keys.apiCAFile.summary, valueName: "file"))
    var apiCaFile: String?

    @Option(help: ArgumentHelp(Keys.apiMaxConcurrency.summary, valueName: "number"))
    var apiMaxConcurrency: String?

    @Option(help: ArgumentHelp(Keys.stateDirectory.summary, valueName: "folder"))
    var stateDirectory: String?

    @Option(help: ArgumentHelp(Keys.serverListen.summary, valueName: "address"))
    var serverListen: String?

    @Option(help: ArgumentHelp(Keys.otlpEndpoint.summary, valueName: "url"))
    var telemetryOtlpEndpoint: String?

    /// Those that were given, by the path of their key.
    var flags: [String: String] {
        let given: [(KeyName, String?)] = [
            (Keys.apiBaseURL.name, apiBaseUrl), (Keys.apiTokenFile.name, apiTokenFile),
            (Keys.apiWorkspace.name, apiWorkspace), (Keys.apiCAFile.name, apiCaFile),
            (Keys.apiMaxConcurrency.name, apiMaxConcurrency), (Keys.stateDirectory.name, stateDirectory),
            (Keys.serverListen.name, serverListen), (Keys.otlpEndpoint.name, telemetryOtlpEndpoint),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { key, text in text.map { (key.path, $0) } })
    }
}
