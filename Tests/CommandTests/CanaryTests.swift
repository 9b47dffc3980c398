import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// S2, I11: what is secret shows in nothing that the program says or leaves, in whatever spelling.
///
/// The secrets are random in each run, so that nothing else can look like them.
@Suite struct CanaryTests {
    private let token = Canary("sk_akua_")
    private let password = Canary("pw-")
    private let value = Canary("value-")

    @Test func `S2: tokens, passwords and values are in no output, log, page, process or file`() async throws {
        try await Installation.with { options in
            options.tokens = [AccessToken(value: token.text, reach: .workspace("ws_test"))]
        } _: { installation in
            try installation.setToken(token.text)
            try await GitHTTPServer.run(
                root: installation.folder.path, .init(user: "git", password: password.text),
                logFolder: installation.folder
            ) { server in
                let collector = try OTLPReceiver()
                defer { collector.stop() }
                try configure(installation, "\(server.origin)/repository.git", collector.endpoint)
                try await work(installation, collector)
            }
        }
    }

    private func work(_ installation: Installation, _ collector: OTLPReceiver) async throws {
        var said: [String: String] = [:]
        func run(_ arguments: String...) async throws {
            let ending = try await installation.run(arguments, environment: variables(installation))
            said[arguments.joined(separator: " ")] = ending.output + ending.errors
        }
        let files: [String: String?] = [
            "package.yaml": Road.package(["1.3.0", "1.4.0"]),
            "shop.yaml": Road.install(
                "shop", "1.3.0", values: "{password: \(value.text), more: [{deep: \(value.text)}]}"),
        ]
        let first = try await installation.repository.commit(files)
        // The platform quotes what it was sent.
        let quote = #"{"error":{"code":"invalid","message":"'\#(value.text)' is too short, \#(token.text)"}}"#
        installation.emulator.emulator.add(
            Fault(on: "installs.create", .nth(1), .answer(status: 422, headers: [], body: Array(quote.utf8))))
        for format in ["text", "json", "markdown"] { try await run("plan", "--output", format) }
        try await run("reconcile", "--log-format", "json", "--log-level", "trace")
        #expect(said["reconcile --log-format json --log-level trace"]?.contains("'<value>' is too short") == true)
        // What was refused is tried again at once by a person, and after a while by the daemon.
        try await run("reconcile")
        try await RunningDaemon.with(installation, environment: variables(installation)) { daemon in
            try await daemon.converged(on: first)
            for page in ["/metrics", "/v1/status", "/readyz"] {
                said[page] = String(decoding: try await daemon.get(page).body, as: UTF8.self)
            }
            for file in ["cmdline", "environ", "maps"] {
                // Nobody but root may read these: who can't has seen nothing either.
                let bytes = try? Data(contentsOf: URL(filePath: "/proc/\(daemon.pid)/\(file)"))
                #expect(bytes != nil || geteuid() != 0, "\(file)")
                said[file] = bytes.map { String(decoding: $0, as: UTF8.self) }
            }
            // Mistakes beside a value, of which messages show where they are.
            let broken = try await installation.repository.commit([
                "shop.yaml": Road.install("shop", "1.3.0", values: "{password: \"\(value.text)}"),
                "bad.yaml": Road.install("bad", "1.3.0", values: "[\(value.text)]"),
            ])
            try await daemon.line("source.rejected") { $0.text("commit") == broken }
            said["log"] = daemon.lines.map { JSONWriter().text(of: $0.json) }.joined(separator: "\n")
        }
        try await run("status", "--output", "json")
        try await run("history", "--output", "json")
        let folder = try await installation.repository.checkout(in: installation.folder)
        said["validate"] = try await Installation.run(["validate", folder], [:], in: installation.folder).output
        said["traces"] = collector.requests.map(\.text).joined()
        for (sink, text) in said {
            #expect(!text.isEmpty || sink == "maps", "\(sink) says nothing")
            for canary in [token, password, value] { #expect(canary.spellings(in: text) == [], "in \(sink)") }
        }
        // The state directory may hold what a retry needs, which are values and no credentials.
        for (file, text) in try left(in: [installation.folder.appending("state"), installation.folder.appending("tmp")])
        {
            for canary in [token, password] { #expect(canary.spellings(in: text) == [], "in \(file)") }
        }
        let shown = try await installation.run(["plan", "--show-values"], environment: variables(installation))
        #expect(value.spellings(in: quote) != [] && shown.status != 1, "the search finds what is there")
    }

    private func configure(_ installation: Installation, _ url: String, _ collector: String) throws {
        let folder = installation.folder
        let user = try folder.write("git\n", to: "git-user")
        let secret = try folder.write(password.text + "\n", to: "git-password")
        for file in [user, secret] {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }
        try folder.write("", to: "tmp/.keep")
        try folder.write(
            """
            api: {baseURL: "\(installation.emulator.baseURL)", tokenFile: "\(folder.appending("token"))"}
            stateDirectory: \(folder.appending("state"))
            server: {listen: "127.0.0.1:0"}
            log: {level: trace, format: json}
            telemetry: {otlpEndpoint: "\(collector)"}
            sources:
              - {name: platform, url: "\(url)", pollInterval: 1s, auth: {usernameFile: "\(user)", passwordFile: "\(secret)"}}
            """, to: "config.yaml")
    }

    /// Temporary files are looked through too.
    private func variables(_ installation: Installation) -> [String: String] {
        ["TMPDIR": installation.folder.appending("tmp")]
    }

    private func left(in folders: [String]) throws -> [(file: String, text: String)] {
        try folders.flatMap { folder in
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return try names.compactMap { name -> (file: String, text: String)? in
                var isFolder: ObjCBool = false
                let path = "\(folder)/\(name)"
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                    try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular
                else { return nil }
                // Byte for byte: what is no text must not hide what is.
                return (name, String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self))
            }
        }
    }
}

/// A secret that nothing else looks like, and all that it may be written as.
private struct Canary: Sendable {
    let text: String

    init(_ prefix: String) {
        text = prefix + (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }

    /// What of it stands in a text: as it is, half of it, in hexadecimal, in base64 wherever a group begins.
    func spellings(in found: String) -> [String] {
        let random = String(text.suffix(32))
        var all = [
            "whole": text, "first half": String(random.prefix(16)), "second half": String(random.suffix(16)),
            "hexadecimal": random.utf8.map { String($0, radix: 16) }.joined(), "backwards": String(random.reversed()),
            "capitals": random.uppercased(),
        ]
        for offset in 0..<3 {
            let encoded = Data((String(repeating: "x", count: offset) + random).utf8).base64EncodedString()
            // The first and the last group depend on what is beside it.
            all["base64 from \(offset)"] = String(encoded.dropFirst(4).dropLast(4))
        }
        return all.filter { $0.value.count >= 16 && found.contains($0.value) }.keys.sorted()
    }
}

extension GitFixture {
    /// The newest files in a folder, as a person sees them; its path.
    fileprivate func checkout(in folder: TemporaryFolder) async throws -> String {
        let path = folder.appending("checkout")
        try await Tool.run("git", ["clone", "--quiet", self.path, path], in: "/")
        return path
    }
}
