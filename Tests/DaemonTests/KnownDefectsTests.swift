import Daemon
import JSON
import Synchronization
import Telemetry
import Testing

/// S11: libraries of the machine that nobody should run any more are said, and no others.
@Suite struct KnownDefectsTests {
    @Test(
        arguments: [
            ("libgit2/1.5.1 libyaml/0.2.5 sqlite/3.40.1 libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13", []),
            ("libgit2/1.7.2 libyaml/0.2.5 sqlite/3.45.1 libcurl/8.5.0 OpenSSL/3.0.13", []),
            ("libgit2/1.5.0", ["libgit2/1.5.0"]), ("libgit2/1.10.0", []), ("libgit2/0.28.5", ["libgit2/0.28.5"]),
            ("libcurl/7.83.0 sqlite/3.39.1", ["libcurl/7.83.0", "sqlite/3.39.1"]), ("libcurl/7.83.1-DEV", []),
            ("libyaml/0.1.6", ["libyaml/0.1.6"]), ("libyaml/1", []), ("", []), ("libcurl", []), ("other/0.1", []),
        ] as [(String, [String])])
    func `a library is known to be bad by its version`(_ libraries: String, _ expected: [String]) {
        #expect(KnownDefects.found(in: libraries).map(\.library) == expected)
    }

    @Test func `every entry is met by the version before it, and says why`() {
        for defect in KnownDefects.all {
            #expect(KnownDefects.found(in: "\(defect.library)/\(defect.correctedIn)").isEmpty)
            #expect(KnownDefects.found(in: "\(defect.library)/0.0.1").map(\.defect) == [defect])
            #expect(defect.reason.hasPrefix("CVE-"))
        }
    }

    @Test func `the libraries of this machine are named as the table names them`() {
        let names = Set(
            Runtime.libraries.split(separator: " ").compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(KnownDefects.all.map(\.library).filter { !names.contains($0) } == [])
    }

    @Test func `a warning names the library, the reason and the way out`() throws {
        let sink = LineSink()
        let logger = Logger(writingTo: LogOutput(format: JSONLogFormat(), sink: sink), level: .info)
        KnownDefects.warn(of: "libgit2/1.4.3 libcurl/8.5.0", to: logger)
        #expect(sink.lines.count == 1)
        let line = try JSONReader.read(try #require(sink.lines.first))
        #expect(
            line["event"] == "library.outdated" && line["level"] == "warning" && line["libraries"] == "libgit2/1.4.3")
        let reason = line["reason"]?.string ?? ""
        #expect(reason.hasPrefix("CVE-2023-22742: ") && reason.hasSuffix("; corrected in 1.5.1"))
    }
}

/// Keeps the lines of a log.
private final class LineSink: LogSink {
    private let state = Mutex<[[UInt8]]>([])

    func write(_ entry: [UInt8]) -> Bool {
        state.withLock { $0.append(entry) }
        return true
    }

    var lines: [[UInt8]] { state.withLock { $0 } }
}
