import Foundation

/// How text for people is written: with colour on a terminal, and never with somebody else's control characters.
struct Terminal: Sendable {
    enum Style: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
        case bold = "1"
        case faint = "2"
    }

    var hasColor: Bool

    /// Colour on a terminal, unless `NO_COLOR` (no-color.org) or `--no-color` says otherwise.
    static func standardOutput(noColor: Bool) -> Terminal {
        let isRefused = noColor || !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        return Terminal(hasColor: !isRefused && isatty(STDOUT_FILENO) == 1)
    }

    func styled(_ text: String, _ styles: Style...) -> String {
        guard hasColor, !styles.isEmpty else { return text }
        return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }

    /// The text on one line, with control characters shown instead of obeyed.
    static func clean(_ text: String) -> String {
        var cleaned = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x09, 0x2028, 0x2029, 0x85: cleaned += " "
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: cleaned += "\u{FFFD}"
            default: cleaned.unicodeScalars.append(scalar)
            }
        }
        return cleaned
    }
}
