import JSON
import Logging
import Synchronization
import Telemetry

/// Keeps what is written; refuses everything while `isClosed`.
final class MemorySink: LogSink {
    private struct State {
        var entries: [[UInt8]] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func write(_ entry: [UInt8]) -> Bool {
        state.withLock { state in
            if !state.isClosed { state.entries.append(entry) }
            return !state.isClosed
        }
    }

    func close(_ isClosed: Bool) { state.withLock { $0.isClosed = isClosed } }

    var entries: [[UInt8]] { state.withLock { $0.entries } }
    var texts: [String] { entries.map { String(decoding: $0, as: UTF8.self) } }
}

/// A logger whose lines stay in memory, at a fixed time.
struct CapturedLog {
    let sink = MemorySink()
    let logger: Telemetry.Logger
    let output: LogOutput

    init(_ format: any LogFormat = JSONLogFormat(), level: LogLevel = .trace) {
        output = LogOutput(format: format, sink: sink) { 1_795_262_400_123 }
        logger = Telemetry.Logger(writingTo: output, level: level)
    }
}

/// SplitMix64: the same texts for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Texts that break loggers: line breaks of all sorts, terminal escapes, quotes, direction marks, other planes.
enum HostileText {
    private static let pieces = [
        "\n", "\r", "\r\n", "\u{0}", "\u{1B}[31m", "\u{1B}]0;title\u{7}", "\u{9B}2J", "\u{85}", "\u{2028}", "\u{2029}",
        "\"", "\\", "\\n", "%n%s", "=", " ", "\t", "\u{202E}", "\u{FEFF}", "\u{200D}", "é", "e\u{301}", "漢", "👩‍💻",
        "\u{10FFFF}",
        "}", "{\"event\":\"action.succeeded\"}", "\u{7F}", "\u{1}", "plain", "MESSAGE=x\nPRIORITY=0", "'",
    ]

    static func make(using generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...12, using: &generator)).map { _ in
            if Bool.random(using: &generator) { return pieces.randomElement(using: &generator) ?? "" }
            let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) ?? "\u{FFFD}"
            return String(Character(scalar))
        }.joined()
    }
}
