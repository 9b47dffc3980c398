import Daemon
import Foundation
import JSON
import NIOCore
import NIOPosix
import Testing

@Suite struct ControlSocketTests {
    private static let group = MultiThreadedEventLoopGroup.singleton

    /// A running socket in a folder of its own, while `body` runs.
    private func serving(
        runtime: TemporaryFolder? = nil, in state: TemporaryFolder,
        handler: @escaping ControlSocket.Handler = { .done(message: $0.command, details: nil) },
        _ body: @escaping @Sendable (_ client: ControlClient) async throws -> Void
    ) async throws {
        let listening = Signal<Void>()
        let socket = ControlSocket(
            runtimeDirectory: runtime?.path, stateDirectory: state.path, group: Self.group,
            onListening: { listening.send(()) }, handler: handler)
        let client = ControlClient(runtimeDirectory: nil, stateDirectory: state.path, group: Self.group)
        try await running(socket.run) {
            try await listening.next()
            try await body(client)
        }
    }

    @Test(
        arguments: [
            .allow(digest: "sha256:0", source: nil), .allow(digest: "d\n\"}", source: "platform"),
            .release(kind: "Install", name: "checkout-eu", source: nil), .trigger(source: nil),
            .trigger(source: "platform"),
            .suspend(source: "platform", reason: "a release freeze", until: 1_795_262_400),
            .suspend(source: nil, reason: "x", until: nil), .resume(source: "platform"),
        ] as [ControlRequest])
    func `a request arrives as it was sent, and the answer as it was given`(_ request: ControlRequest) async throws {
        let asked = Recorder<ControlRequest>()
        let reply = ControlReply.done(message: "two sources\n", details: ["count": 2])
        try await serving(in: try TemporaryFolder()) { request in
            asked.append(request)
            return reply
        } _: { client in
            await expect(client, asked: request, answers: reply)
            #expect(asked.all == [request])
        }
    }

    @Test func `a refusal comes back as a refusal`() async throws {
        let refusal = ControlReply.refused(code: "no-such-digest", message: "nothing is blocked with this digest")
        try await serving(in: try TemporaryFolder()) { _ in
            refusal
        } _: { client in
            await expect(client, asked: .allow(digest: "x", source: nil), answers: refusal)
        }
    }

    @Test func `many commands at once are all answered`() async throws {
        try await serving(in: try TemporaryFolder()) {
            .done(message: "\($0)", details: nil)
        } _: { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<50 {
                    tasks.addTask {
                        let request = ControlRequest.trigger(source: "s\(index)")
                        await expect(client, asked: request, answers: .done(message: "\(request)", details: nil))
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func `S10: the socket is for its user alone, and a link leads to it from the state directory`() async throws {
        let (runtime, state) = (try TemporaryFolder(), try TemporaryFolder())
        try await serving(runtime: runtime, in: state) { client in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(runtime.path)/control.sock")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(attributes[.type] as? FileAttributeType == .typeSocket)
            await expect(client, asked: .trigger(source: nil), answers: .done(message: "trigger", details: nil))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: runtime.path) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == [])
    }

    @Test func `the socket of a daemon that was killed is replaced`() async throws {
        let state = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: "\(state.path)/control.sock", withDestinationPath: "/nonexistent")
        try await serving(in: state) { client in
            await expect(client, asked: .trigger(source: nil), answers: .done(message: "trigger", details: nil))
        }
    }

    @Test func `a file where the socket belongs is left alone`() async throws {
        let state = try TemporaryFolder()
        let path = "\(state.path)/control.sock"
        try Data("precious".utf8).write(to: URL(filePath: path))
        await #expect(throws: ControlError.inTheWay(path: path)) { try await serving(in: state) { _ in } }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test(arguments: [
        ("", "not a line of JSON: line 1, column 1: the JSON ends in the middle of a value"),
        ("[1]", "not a message that this version understands: it is an array, not an object"),
        (#"{"command":"trigger"}"#, "not a message that this version understands: its version is missing, not 1"),
        (#"{"v":2,"command":"trigger"}"#, "not a message that this version understands: its version is 2, not 1"),
        (#"{"v":1}"#, "not a message that this version understands: 'command' is missing"),
        (#"{"v":1,"command":"destroy"}"#, "not a message that this version understands: there is no command 'destroy'"),
        (#"{"v":1,"command":"allow"}"#, "not a message that this version understands: 'digest' is missing"),
        (
            #"{"v":1,"command":"allow","digest":7}"#,
            "not a message that this version understands: 'digest' is a number or empty, not a text"
        ),
        (
            #"{"v":1,"command":"trigger","force":true}"#,
            "not a message that this version understands: 'force' is not known"
        ),
    ])
    func `a line that is no request is answered, and the next one served`(_ line: String, _ message: String)
        async throws
    {
        let state = try TemporaryFolder()
        try await serving(in: state) { _ in
            let answers = try await exchange("\(line)\n{\"v\":1,\"command\":\"resume\"}\n", at: state, answers: 2)
            #expect(answers[0] == .refused(code: "bad-request", message: message))
            #expect(answers[1] == .done(message: "resume", details: nil))
        }
    }

    @Test func `I12: a line without an end closes the connection and harms no other`() async throws {
        let state = try TemporaryFolder()
        try await serving(in: state) { client in
            let endless = String(repeating: "x", count: ControlSocket.lineBytesMax + 1)
            let answers = try await exchange(endless, at: state, answers: 1)
            #expect(answers == [])
            await expect(client, asked: .trigger(source: nil), answers: .done(message: "trigger", details: nil))
        }
    }

    @Test func `a command without a daemon says so`() async throws {
        let state = try TemporaryFolder()
        let path = "\(state.path)/control.sock"
        let client = ControlClient(runtimeDirectory: nil, stateDirectory: state.path, group: Self.group)
        await #expect(throws: ControlError.noDaemon(path: path)) { try await client.send(.trigger(source: nil)) }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nonexistent")
        await #expect(throws: ControlError.noDaemon(path: path)) { try await client.send(.trigger(source: nil)) }
    }

    @Test func `a path that is too long for a socket is an error at both ends`() async throws {
        let long = "/tmp/\(String(repeating: "x", count: 120))"
        let client = ControlClient(runtimeDirectory: nil, stateDirectory: long, group: Self.group)
        let socket = ControlSocket(runtimeDirectory: nil, stateDirectory: long, group: Self.group) { _ in
            .done(message: "", details: nil)
        }
        let error = ControlError.pathTooLong(path: "\(long)/control.sock")
        await #expect(throws: error) { try await client.send(.trigger(source: nil)) }
        await #expect(throws: error) { try await socket.run() }
    }

    @Test func `a daemon that says nothing is waited for in vain, not for ever`() async throws {
        let state = try TemporaryFolder()
        try await serving(in: state) { _ in
            // Ends with the connection, when the client has given up.
            try? await Task.sleep(for: .seconds(3_600))
            return .done(message: "too late", details: nil)
        } _: { _ in
            let client = ControlClient(
                runtimeDirectory: nil, stateDirectory: state.path, group: Self.group, patience: .milliseconds(50))
            await #expect(throws: ControlError.noAnswer(path: "\(state.path)/control.sock")) {
                try await client.send(.trigger(source: nil))
            }
        }
    }

    /// Another user's process, let through to the socket by its mode, sends a request and prints the answer.
    private static let asNobody = ["/usr/bin/setpriv", "/usr/bin/python3"]

    @Test(
        .enabled(
            if: geteuid() == 0 && ControlSocketTests.asNobody.allSatisfy(FileManager.default.isExecutableFile),
            "needs root, setpriv and python3 to become another user"))
    func `S10: another user is refused even when the socket's mode lets him through`() async throws {
        let state = try TemporaryFolder()
        try await serving(in: state) { _ in
            let path = "\(state.path)/control.sock"
            for (file, mode) in [(state.path, 0o755), (path, 0o666)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            }
            let script = """
                import socket
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(10)
                s.connect("\(path)")
                try:
                    s.sendall(b'{"v":1,"command":"trigger"}\\n')
                except OSError:
                    pass  # refused before it was asked
                print(s.recv(65536).decode(), end="")
                """
            let process = Process()
            process.executableURL = URL(filePath: Self.asNobody[0])
            process.arguments = ["--reuid=65534", "--regid=65534", "--clear-groups", Self.asNobody[1], "-c", script]
            let output = Pipe()
            process.standardOutput = output
            let answer: String = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in
                    let bytes = output.fileHandleForReading.readDataToEndOfFile()
                    continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
                }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            #expect(
                try ControlReply(json: try JSONReader.read(answer))
                    == .refused(code: "not-allowed", message: "only the daemon's user and root may"))
        }
    }

    /// Fails unless the answer to a request is that one.
    private func expect(_ client: ControlClient, asked request: ControlRequest, answers expected: ControlReply) async {
        do {
            let reply = try await client.send(request)
            #expect(reply == expected)
        } catch {
            Issue.record(error)
        }
    }

    /// Sends bytes as they are and reads that many answers, or fewer if the daemon closes first.
    private func exchange(_ text: String, at state: TemporaryFolder, answers count: Int) async throws -> [ControlReply]
    {
        let channel = try await ClientBootstrap(group: Self.group).connect(
            unixDomainSocketPath: "\(state.path)/control.sock"
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var (bytes, replies): ([UInt8], [ControlReply]) = ([], [])
            for try await buffer in inbound {
                bytes += buffer.readableBytesView
                while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                    replies.append(try ControlReply(json: try JSONReader.read(Array(bytes[..<end]))))
                    bytes.removeSubrange(...end)
                }
                if replies.count == count { return replies }
            }
            return replies
        }
    }
}
