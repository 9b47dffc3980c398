import Bootstrap
import Logging
import NIOCore
import Testing

@testable import AkuaAPI
@testable import Daemon
@testable import GitSource
@testable import Journal
@testable import Manifests
@testable import Telemetry

/// What the targets have found, each with the least that shows it.
@Suite struct FindingTests {
    /// A slash or an `@` with a combining mark behind it: one character that is neither, though bytes say otherwise.
    private static let mark = "\u{301}"

    @Test(arguments: ["../../\(mark)x/y", "../\(mark)../../x", "a/../\(mark)/../../../x"])
    func `I7: a path that leaves the repository is refused, whatever follows its slashes`(_ path: String) {
        let resolved = try? RepositoryPath.resolve(path, from: "a")
        #expect(resolved.map { !$0.utf8.split(separator: 0x2F).contains { $0.elementsEqual("..".utf8) } } ?? true)
    }

    @Test func `a file whose name begins with a combining mark lies in its folder`() throws {
        let path = "values/\(Self.mark)x.yaml"
        #expect(RepositoryPath.folder(of: path) == "values")
        #expect(RepositoryPath.name(of: path).utf8.elementsEqual("\(Self.mark)x.yaml".utf8))
        #expect(try SourcePath(path).parts.count == 2)
    }

    @Test(arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
    func `a line of an ignore file ends where git says it ends`(_ separator: String) {
        var rules = IgnoreRules(root: "")
        let isTaken = rules.add("a\(separator)b.yaml\n", of: "")
        let ignored = ["a\(separator)b.yaml", "b.yaml"].map { rules.ignores($0) }
        #expect(isTaken && ignored == [true, false])
    }

    @Test func `I11: a password before an @ with a combining mark behind it is not shown`() throws {
        let error = #expect(throws: GitError.self) {
            try RemoteURL("https://alice:secret-word@\(Self.mark)git.example.com/a.git")
        }
        #expect(try #require(error).description.contains("secret-word") == false)
    }

    @Test(arguments: [
        "https//alice:secret-word@git.example.com/a.git", "alice:secret-word@git.example.com:a.git",
        "ftp://alice:secret-word@git.example.com/a", "https://git.example.com/alice:secret-word@x?y",
    ])
    func `I11: a password in a url with a mistake in it is not shown`(_ url: String) throws {
        let remote = #expect(throws: GitError.self) { try RemoteURL(url) }
        #expect(try #require(remote).description.contains("secret-word") == false)
        let text = "sources: [{name: a, url: '\(url)', ref: {branch: main}}]\napi: {baseURL: '\(url)', tokenFile: /t}\n"
        let file = #expect(throws: ConfigurationErrors.self) {
            try Configuration.parse(Array(text.utf8), path: "/etc/c.yaml")
        }
        #expect(try #require(file).description.contains("secret-word") == false)
    }

    @Test(arguments: ["Event", "e-vent", "AKUA"])
    func `S12: a name of a library's own never stands for one of ours in the journal's fields`(_ name: String) {
        let entry = LogEntry(
            milliseconds: 0, level: .info, message: "m", label: "l",
            metadata: ["event": "action.failed", "\(name)": "forged", "event_": "x", "v": "2", "level": "debug"])
        let lines = JournaldLogFormat().bytes(of: entry).split(separator: 0x0A).map {
            String(decoding: $0, as: UTF8.self)
        }
        let names = lines.map { $0.prefix { $0 != "=" } }
        #expect(Set(names).count == names.count)
        #expect(lines.contains("AKUA_EVENT=action.failed") && lines.contains("AKUA_V=1"))
    }

    @Test func `R12: a header that SQLite can't read is damage, not a defect, to those who only look`() async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == "journal-file" })
        // Byte 47 is the low one of the schema's format number.
        try await target.run([0, 0, 0, 47, 236])
    }

    @Test func `S12: what SQLite quotes of a damaged file is one line`() {
        let error = JournalError(Verification.Damage(problem: "near \"\u{1B}[2J\n\u{2028}\""), path: "")
        #expect(error.cause == .damaged("near \" [2J  \""))
    }

    @Test func `I12: of a refusal that names a thousand etags a few are taken`() throws {
        let etags = (0..<1_000).map { "\"etag\($0)\":\"e\"" }.joined(separator: ",")
        let envelope = ErrorEnvelope(body: Array(#"{"error":{"code":"x","metadata":{\#(etags)}}}"#.utf8))
        #expect(try #require(envelope).messages.count == 8)
    }

    @Test func `I12: a flood of empty lines is cut in a time that grows with its length`() throws {
        var lines = ControlLine(bytesMax: ControlSocket.lineBytesMax)
        let flood = ByteBuffer(bytes: Array(repeating: UInt8(ascii: "\n"), count: 1 << 20))
        let start = ContinuousClock.now
        let count = try lines.append(flood).count
        #expect(count == 1 << 20)
        // Line by line it took minutes.
        #expect(start.duration(to: .now) < .seconds(10))
    }
}
