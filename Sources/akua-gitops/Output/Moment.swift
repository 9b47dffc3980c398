import Manifests

/// Times as people and other programs read them.
enum UnixTime {
    /// RFC 3339 in UTC, to the second.
    static func text(milliseconds: Int) -> String { text(seconds: milliseconds / 1_000) }

    static func text(seconds: Int) -> String { MomentText.text(of: seconds) }

    /// A length of time in its largest unit: `40s`, `3m`, `2h`, `5d`.
    static func length(seconds: Int) -> String {
        let units = [("d", 86_400), ("h", 3_600), ("m", 60)]
        let unit = units.first { seconds >= $0.1 } ?? ("s", 1)
        return "\(max(0, seconds) / unit.1)\(unit.0)"
    }
}

/// How a text tells times: always the moment, and how far off it is where the reader's own time is known.
struct Clock: Sendable {
    /// Unix milliseconds; nil for a text that is to stay the same while nothing happens.
    var now: Int?

    /// `since 2026-09-21T14:13:20Z (3m)`.
    func since(milliseconds: Int) -> String {
        let length = now.map { " (\(UnixTime.length(seconds: ($0 - milliseconds) / 1_000)))" } ?? ""
        return "since \(UnixTime.text(milliseconds: milliseconds))\(length)"
    }

    /// `2026-09-21T14:14:20Z (in 40s)`.
    func at(seconds: Int) -> String {
        let length = now.map { now in
            seconds > now / 1_000 ? " (in \(UnixTime.length(seconds: seconds - now / 1_000)))" : " (due)"
        }
        return UnixTime.text(seconds: seconds) + (length ?? "")
    }
}
