package import Logging
import Synchronization

/// Where entries end up: a format, a sink, a clock.
///
/// One for the process; loggers of all modules share it. What can't be written is counted and said on the next line
/// that can be, never waited for without end. A failure that goes on the same is said once and then summed up.
package final class LogOutput: Sendable {
    /// The label of our own loggers.
    package static let label = "akua-gitops"

    private let format: any LogFormat
    private let sink: any LogSink
    private let now: @Sendable () -> Int64
    private let lost = Atomic<Int>(0)
    private let repeats = Mutex(RepeatFilter())

    /// `now` counts milliseconds since 1970.
    package init(
        format: any LogFormat, sink: any LogSink, now: @escaping @Sendable () -> Int64 = LogOutput.systemMilliseconds
    ) {
        self.format = format
        self.sink = sink
        self.now = now
    }

    /// Lines that nobody read, since the last one that was written.
    package var lostLines: Int { lost.load(ordering: .relaxed) }

    /// Makes the loggers that libraries create for themselves write here, from `level` up.
    ///
    /// Once a process, before the first of them is made.
    package func adoptLibraries(from level: LogLevel = .warning) {
        LoggingSystem.bootstrap { [self] label in
            EventLogHandler(output: self, label: label, logLevel: level.loggerLevel)
        }
    }

    func write(level: Logger.Level, message: String, label: String, metadata: Logger.Metadata) {
        let entry = LogEntry(
            milliseconds: now(), level: level, message: message, label: label, metadata: metadata)
        for admitted in repeats.withLock({ $0.admit(entry) }) { write(admitted) }
    }

    private func write(_ entry: LogEntry) {
        var entry = entry
        let missing = lost.exchange(0, ordering: .relaxed)
        if missing > 0 { entry.fields.append((Field.lostLines.rawValue, .int(missing))) }
        if !sink.write(format.bytes(of: entry)) { lost.add(missing + 1, ordering: .relaxed) }
    }
}

/// The bridge from swift-log: merges what is bound with what a line says, the line first.
package struct EventLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let output: LogOutput
    private let label: String

    init(output: LogOutput, label: String = LogOutput.label, logLevel: Logger.Level) {
        self.output = output
        self.label = label
        self.logLevel = logLevel
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadataProvider?.get() ?? [:]
        merged.merge(metadata) { _, bound in bound }
        merged.merge(event.metadata ?? [:]) { _, said in said }
        if let error = event.error, merged[Field.error.rawValue] == nil {
            merged[Field.error.rawValue] = .string(String(describing: error))
        }
        output.write(level: event.level, message: event.message.description, label: label, metadata: merged)
    }
}
