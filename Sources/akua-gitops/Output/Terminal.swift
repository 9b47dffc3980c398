import Foundation

/// How text for people is written: with colour on a terminal that wants it, else plain.
struct Terminal: Sendable {
    enum Style: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case bold = "1"
        case faint = "2"
    }

    var hasColor: Bool

    /// Colour on a terminal, unless `--no-color`, `NO_COLOR` (no-color.org) or `TERM=dumb` says otherwise.
    static func standardOutput(noColor: Bool) -> Terminal {
        let environment = ProcessInfo.processInfo.environment
        let isRefused = noColor || !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Terminal(hasColor: !isRefused && isatty(STDOUT_FILENO) == 1)
    }

    /// Whether a line on standard error can be drawn over.
    static var isStandardErrorLive: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Whether standard output is a terminal that can be drawn over.
    static var isStandardOutputLive: Bool {
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    func styled(_ text: String, _ styles: Style...) -> String {
        guard hasColor, !styles.isEmpty, !text.isEmpty else { return text }
        return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }
}

extension String {
    /// The text with spaces after it, to at least that many characters.
    func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }

    /// `3 errors`, `1 error`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

}
