import Logging

/// A line for people: time, level, event, sentence, `name=value` pairs.
///
/// What stands in it can't move the cursor, colour the terminal or begin a line of its own (S12).
package struct TextLogFormat: LogFormat {
    /// Whether the level is coloured: for terminals whose user did not object.
    package var isColoured: Bool

    package init(isColoured: Bool = false) { self.isColoured = isColoured }

    package func bytes(of entry: LogEntry) -> [UInt8] {
        LogLimits.fit(entry) { entry, isTruncated in
            let level = entry.level.rawValue.uppercased()
            let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
            var line =
                "\(entry.timestamp) \(coloured(level, as: entry.level))\(padding) \(TerminalText.safe(entry.event))"
            line += "  \(TerminalText.safe(entry.message))"
            for (name, value) in entry.fields + entry.foreign {
                line += " \(TerminalText.safe(name))=\(TerminalText.word(value.description))"
            }
            if isTruncated { line += " truncated=true" }
            return Array((line + "\n").utf8)
        }
    }

    private func coloured(_ word: String, as level: Logger.Level) -> String {
        guard isColoured else { return word }
        let code =
            switch level {
            case .trace, .debug: 2
            case .info: 32
            case .notice: 36
            case .warning: 33
            case .error, .critical: 31
            }
        return "\u{1B}[\(code)m\(word)\u{1B}[0m"
    }
}

/// Text from outside, made fit for a terminal.
package enum TerminalText {
    /// The text with everything that does not print written as an escape: `\n`, `\u{1B}`.
    ///
    /// That is: controls, invisible format characters (which can turn the direction of a line round) and separators
    /// of lines; so no terminal escape survives.
    package static func safe(_ text: String) -> String {
        // The common case: nothing to do, no copy.
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var output = ""
        for scalar in text.unicodeScalars { append(scalar, to: &output) }
        return output
    }

    /// The text as one word: as it is when it has no space, else in quotes.
    static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                !isUnsafe(scalar) && !scalar.properties.isWhitespace && scalar != "\"" && scalar != "="
                    && scalar != "\\"
            }
        guard !isPlain else { return text }
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { output += "\\" }
            append(scalar, to: &output)
        }
        return output + "\""
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout String) {
        switch scalar {
        case "\n": output += "\\n"
        case "\r": output += "\\r"
        case "\t": output += "\\t"
        case _ where isUnsafe(scalar): output += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: output.unicodeScalars.append(scalar)
        }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value < 0x20 || scalar.value > 0x7E else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
