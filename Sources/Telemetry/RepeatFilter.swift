/// Says once what goes on the same, and sums up what it has left out.
///
/// Only of what fails again by itself, such as a remote that is asked every half minute: what was sent to the platform is
/// always said. A run of equal lines is said when it begins, every ``silence`` with the count of those left out
/// (``Field/repeats``), and when it ends. Lines are equal when they differ in nothing but pass, time and duration.
///
/// A value: what it admits depends on the entries alone. Holds I12: it remembers ``runsMax`` runs at most.
struct RepeatFilter {
    /// How long a run is silent, in milliseconds.
    static let silence: Int64 = 10 * 60 * 1_000
    static let runsMax = 256

    private struct Run {
        /// The newest of the equal lines.
        var entry: LogEntry
        var saidAt: Int64
        /// Which of all runs it is.
        var number: Int
        var leftOut = 0

        func isOver(at time: Int64) -> Bool {
            // A clock that was set back makes nobody wait.
            !(saidAt..<saidAt + RepeatFilter.silence).contains(time)
        }
    }

    private var runs: [String: Run] = [:]
    private var runCount = 0

    /// What is to be written now that `entry` has come, in this order.
    mutating func admit(_ entry: LogEntry) -> [LogEntry] {
        guard let event = Event(rawValue: entry.event) else { return [entry] }
        var admitted = runs.isEmpty ? [] : takeSums(before: event, of: entry)
        guard event.isSummedUp else { return admitted + [entry] }
        let key = Self.key(of: entry)
        guard var run = runs[key] else {
            if runs.count >= Self.runsMax { admitted += forgetOldest() }
            runCount += 1
            runs[key] = Run(entry: entry, saidAt: entry.milliseconds, number: runCount)
            return admitted + [entry]
        }
        run.entry = entry
        if run.isOver(at: entry.milliseconds) {
            admitted.append(entry.repeated(run.leftOut))
            (run.saidAt, run.leftOut) = (entry.milliseconds, 0)
        } else {
            run.leftOut += 1
        }
        runs[key] = run
        return admitted
    }

    /// The sums of the runs that this event ends, and of those of which nothing has been heard for long.
    private mutating func takeSums(before event: Event, of entry: LogEntry) -> [LogEntry] {
        let own = event.isSummedUp ? Self.key(of: entry) : nil
        let ended = runs.filter { key, run in
            guard key != own else { return false }
            return run.isOver(at: entry.milliseconds) || event.ends(run.entry, source: entry.value(of: .source))
        }
        for key in ended.keys { runs[key] = nil }
        return ended.values.filter { $0.leftOut > 0 }.sorted { $0.number < $1.number }.map { run in
            run.entry.repeated(run.leftOut - 1)
        }
    }

    private mutating func forgetOldest() -> [LogEntry] {
        guard let oldest = runs.min(by: { $0.value.number < $1.value.number }) else { return [] }
        runs[oldest.key] = nil
        return oldest.value.leftOut > 0 ? [oldest.value.entry.repeated(oldest.value.leftOut - 1)] : []
    }

    /// What differs between two lines of one run although nothing has changed.
    private static let volatile: Set<String> = [Field.reconcileID.rawValue, Field.durationMs.rawValue]

    private static func key(of entry: LogEntry) -> String {
        let fields = (entry.fields + entry.foreign).filter { !volatile.contains($0.name) }
        return "\(entry.event)\n\(entry.level)\n\(entry.message)\n"
            + fields.map { "\($0.name)=\($0.value)" }.joined(separator: "\n")
    }
}

extension Event {
    /// Whether a line of it that comes again and again is summed up.
    var isSummedUp: Bool {
        switch self {
        case .sourceFailed, .sourceRejected, .manifestInvalid, .reconcileFailed, .telemetryFailed, .libraryLogged: true
        default: false
        }
    }

    /// Whether it shows that what `entry` said is over.
    fileprivate func ends(_ entry: LogEntry, source: FieldValue?) -> Bool {
        if self == .daemonStopped { return true }
        guard source == entry.value(of: .source) else { return false }
        return switch self {
        case .sourceFetched, .sourceUnchanged: entry.event == Event.sourceFailed.rawValue
        case .reconcileFinished, .reconcileSuperseded: entry.event == Event.reconcileFailed.rawValue
        default: false
        }
    }
}

extension LogEntry {
    fileprivate func value(of field: Field) -> FieldValue? { fields.first { $0.name == field.rawValue }?.value }

    /// The entry with how many equal ones before it were left out.
    fileprivate func repeated(_ count: Int) -> LogEntry {
        guard count > 0 else { return self }
        var entry = self
        entry.fields.append((Field.repeats.rawValue, .int(count)))
        return entry
    }
}
