import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// The program itself: what it prints, what it keeps, and how it stops.
@Suite struct ExecutableTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `it says in one line where it listens, and stops on SIGTERM`() async throws {
        let portFile = folder.appending("port")
        let program = try Program(["--port-file", portFile, "--time-scale", "100", "--token", "sk_mine"])
        let line = try await program.firstLine()
        let port = try #require(line["port"]?.int)
        #expect(line["base_url"] == .string("http://127.0.0.1:\(port)/v1"))
        #expect(line["control_url"] == .string("http://127.0.0.1:\(port)/_emulator"))
        #expect(line["pid"]?.int == Int(program.process.processIdentifier))
        #expect(line["workspace"] == .string(EmulatorOptions.defaultWorkspace))
        #expect(try String(contentsOfFile: portFile, encoding: .utf8) == "\(port)\n")
        let headers = [(name: "authorization", value: "Bearer sk_mine")]
        #expect(try await RawHTTP(port: port).send("GET", "/v1/workspaces", headers: headers).status == 200)
        #expect(try await program.stop() == 0)
    }

    @Test func `a long poll and a hanging request do not keep it from stopping`() async throws {
        let program = try Program(["--manual-time"])
        let http = RawHTTP(port: try #require(try await program.firstLine()["port"]?.int))
        let headers = [
            (name: "authorization", value: "Bearer \(EmulatorOptions.defaultToken)"),
            (name: "content-type", value: "application/json"),
        ]
        let region = try await http.send("POST", "/v1/regions", headers: headers, body: Array(#"{"name":"eu"}"#.utf8))
        let body = JSONWriter().bytes(of: ["name": "c", "region_id": region.json["id"] ?? nil])
        let operation =
            try await http.send("POST", "/v1/clusters", headers: headers, body: body).json["id"]?.string ?? ""
        let rule = Array(#"{"match":{"call":"packages.list"},"do":{"hang":true}}"#.utf8)
        _ = try await http.send("POST", "/_emulator/faults", headers: headers, body: rule)
        async let waiting = http.send("POST", "/v1/operations/\(operation):wait?timeout=60", headers: headers)
        async let hanging = http.send("GET", "/v1/packages", headers: headers)
        var calls: JSONValue = [:]
        while calls["operations.wait"] == nil || calls["packages.list"] == nil {
            calls = try await http.send("GET", "/_emulator/counts").json["calls"] ?? [:]
        }
        let start = ContinuousClock.now
        #expect(try await program.stop() == 0)
        #expect(ContinuousClock.now - start < .seconds(20))
        _ = try await (waiting, hanging)
    }

    @Test func `a killed emulator has lost nothing that it answered`() async throws {
        let state = folder.appending("state.sqlite")
        let headers = [
            (name: "authorization", value: "Bearer \(EmulatorOptions.defaultToken)"),
            (name: "content-type", value: "application/json"),
        ]
        var made: [JSONValue] = []
        for round in 0..<2 {
            let program = try Program(["--state", state])
            let http = RawHTTP(port: try #require(try await program.firstLine()["port"]?.int))
            #expect(try await http.send("GET", "/v1/regions", headers: headers).json["data"] == .array(made))
            let body = Array(#"{"name":"region-\#(round)"}"#.utf8)
            made.append(try await http.send("POST", "/v1/regions", headers: headers, body: body).json)
            kill(program.process.processIdentifier, SIGKILL)
            program.process.waitUntilExit()
        }
    }

    @Test(arguments: [
        ["--listen", "nowhere"], ["--switch", "etags"], ["--switch", "etags=gold"], ["--switch", "colour=red"],
        ["--tls-cert", "x.pem"],
    ])
    func `options that make no sense are refused`(_ options: [String]) throws {
        let program = try Program(options)
        program.process.waitUntilExit()
        #expect(program.process.terminationStatus == 64)
    }

    @Test func `it speaks HTTPS, with HTTP 2 to those who ask for it`() async throws {
        let authority = try await TestCertificates(in: folder)
        let certificate = try await authority.issue(for: "localhost")
        let program = try Program(["--tls-cert", certificate.file, "--tls-key", certificate.keyFile])
        let line = try await program.firstLine()
        let port = try #require(line["port"]?.int)
        #expect(line["base_url"] == .string("https://127.0.0.1:\(port)/v1"))
        for (option, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
            let seen = try await Tool.run(
                "curl",
                [
                    "--silent", "--cacert", authority.authorityFile, option, "--write-out",
                    " %{http_version} %{http_code}",
                    "--header", "authorization: Bearer \(EmulatorOptions.defaultToken)", "--resolve",
                    "localhost:\(port):127.0.0.1", "https://localhost:\(port)/v1/regions",
                ], in: folder.path)
            #expect(seen == #"{"data":[],"has_more":false,"next_cursor":null} \#(version) 200"#)
        }
        #expect(try await program.stop() == 0)
    }
}

/// A running `akua-emulator`, which does not outlive the test.
private final class Program {
    let process = Process()
    private let output = Pipe()

    init(_ arguments: [String]) throws {
        // Test bundle and programs are built into one folder.
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = folder.appending(path: "akua-emulator")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The first line that it prints, as data.
    func firstLine() async throws -> JSONValue {
        let line = try await Self.blocking { [output] in
            var line: [UInt8] = []
            while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A {
                line.append(byte)
            }
            return line
        }
        return try JSONReader.read(line)
    }

    /// Asks it to stop, and answers its exit status.
    func stop() async throws -> Int32 {
        process.terminate()
        try await Self.blocking { [process] in process.waitUntilExit() }
        return process.terminationStatus
    }

    /// Does what blocks on a thread of its own, away from the pool.
    private static func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}
