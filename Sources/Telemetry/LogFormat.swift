/// How a line is spelled; a pure function of the entry.
package protocol LogFormat: Sendable {
    /// The bytes to write, with what ends them. At most ``LogLimits/bytesMax``.
    func bytes(of entry: LogEntry) -> [UInt8]
}

/// The size of a line (I12).
package enum LogLimits {
    /// One line, its newline included.
    package static let bytesMax = 16 << 10
    /// Below this a text is not cut any shorter; foreign fields go instead.
    static let clipMin = 16

    /// The spelling of `entry` that fits: whole when it does, else with its long texts cut, ever shorter.
    ///
    /// `spell` is told whether something was cut, to mark it. Ends: with all texts at ``clipMin`` and no foreign
    /// fields, the fields that are left can't fill a line.
    static func fit(_ entry: LogEntry, spell: (_ entry: LogEntry, _ isTruncated: Bool) -> [UInt8]) -> [UInt8] {
        var bytesMax = LogLimits.bytesMax
        var (fitted, isTruncated) = entry.clipped(toBytes: bytesMax)
        while true {
            let bytes = spell(fitted, isTruncated)
            if bytes.count <= LogLimits.bytesMax { return bytes }
            isTruncated = true
            if bytesMax > clipMin {
                bytesMax /= 2
                fitted = entry.clipped(toBytes: bytesMax).entry
            } else if !fitted.foreign.isEmpty {
                fitted.foreign = []
            } else {
                fitted.fields.removeLast()
            }
        }
    }
}
