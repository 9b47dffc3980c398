package import Logging

/// The logger of swift-log, under a name that the modules which log through ``Event`` can say.
package typealias Logger = Logging.Logger

/// The data of one line, in the order written; a field whose value is nil is left out.
package typealias Fields = KeyValuePairs<Field, (any LogValue)?>

extension Logger {
    /// Logs one event: a constant sentence, with everything that varies in fields.
    ///
    /// The level is the event's own unless `level` is given. Fields are not evaluated when the level is off. A field
    /// named twice keeps its last value.
    package func emit(
        _ event: Event, _ message: StaticString, _ fields: @autoclosure () -> Fields = [:], level: LogLevel? = nil
    ) {
        let level = (level ?? event.level).loggerLevel
        guard level >= logLevel else { return }
        var metadata: Metadata = [LogEntry.eventKey: .string(event.rawValue)]
        for (field, value) in fields() {
            guard let value else { continue }
            metadata[field.rawValue] = .stringConvertible(value.logValue)
        }
        log(level: level, "\(message)", metadata: metadata)
    }

    /// A logger whose every line carries these fields too: bound once a pass, not repeated at each call.
    package func binding(_ fields: Fields) -> Logger {
        var bound = self
        for (field, value) in fields {
            bound[metadataKey: field.rawValue] = value.map { .stringConvertible($0.logValue) }
        }
        return bound
    }

    /// The same logger, for what is at least as grave as `level`.
    package func limited(to level: LogLevel) -> Logger {
        var limited = self
        limited.logLevel = level.loggerLevel
        return limited
    }

    /// A logger of ours that writes what is at least as grave as `level`.
    package init(writingTo output: LogOutput, level: LogLevel = .info) {
        self.init(label: LogOutput.label) { _ in EventLogHandler(output: output, logLevel: level.loggerLevel) }
    }
}
