import Foundation
import Synchronization

/// A server on loopback that answers each request with a script of bytes, so that it can misbehave in any way.
///
/// One thread accepts and one serves each connection, all with blocking sockets; ``stop()`` ends them.
package final class ScriptedServer: Sendable {
    /// One request as it arrived.
    package struct Request: Sendable {
        /// From 1, over all connections, in the order of arrival.
        package var number: Int
        /// From 1, in the order of acceptance.
        package var connection: Int
        package var method: String
        /// The path with its query, as it was sent.
        package var target: String
        /// By lower-case name.
        package var headers: [String: String]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        /// The path without its query.
        package var path: String { String(target.prefix { $0 != "?" }) }
    }

    package enum Step: Sendable {
        case send([UInt8])
        /// One byte each `interval`.
        case drip([UInt8], interval: Duration)
        /// The same bytes for as long as the peer takes them.
        case endless([UInt8])
        /// Until ``release(_:)`` lets one more go on.
        case hold
        /// Whoever connects from now on is refused; connections that are there go on.
        case refuseConnections
        /// Nothing more, until the peer closes.
        case hang
        case close
        /// Closes with a reset instead of an orderly end.
        case reset
    }

    package typealias Script = @Sendable (Request) -> [Step]

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var sockets: Set<Int32> = []
        var isStopped = false
        var isListening = true
        var held = 0
        var watchers: [(isMet: @Sendable (Snapshot) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

        var snapshot: Snapshot { Snapshot(requests: requests, held: held, openConnections: sockets.count) }
    }

    /// What the server has seen.
    package struct Snapshot: Sendable {
        package var requests: [Request]
        /// Requests that stand at ``Step/hold``.
        package var held: Int
        package var openConnections: Int
    }

    package let port: Int
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())
    private let gate = DispatchSemaphore(value: 0)

    /// Listens on a free port of 127.0.0.1.
    package init(_ script: @escaping Script) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 512) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in acceptAll() }.start()
    }

    /// Answers every request with the same reply.
    package convenience init(always steps: [Step]) throws { try self.init { _ in steps } }

    package var baseURL: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { state.withLock { $0.requests } }
    package var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// Lets `count` requests that stand at ``Step/hold``, or will, go on.
    package func release(_ count: Int = 1) { for _ in 0..<count { gate.signal() } }

    /// Returns once what the server has seen meets the condition.
    package func wait(until isMet: @escaping @Sendable (Snapshot) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isAlreadyMet = state.withLock { state in
                guard !isMet(state.snapshot) else { return true }
                state.watchers.append((isMet, continuation))
                return false
            }
            if isAlreadyMet { continuation.resume() }
        }
    }

    /// Closes the listener and every connection.
    package func stop() {
        let sockets = state.withLock { state in
            state.isStopped = true
            return state.sockets
        }
        stopListening()
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        release(10_000)
    }

    private func stopListening() {
        let wasListening = state.withLock { state in
            defer { state.isListening = false }
            return state.isListening
        }
        if wasListening { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, met) = state.withLock { state in
            let result = body(&state)
            let snapshot = state.snapshot
            let met = state.watchers.filter { $0.isMet(snapshot) }.map(\.continuation)
            state.watchers.removeAll { $0.isMet(snapshot) }
            return (result, met)
        }
        for continuation in met { continuation.resume() }
        return result
    }

    private func acceptAll() {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let number: Int? = change { state in
                guard !state.isStopped else { return nil }
                state.connections += 1
                state.sockets.insert(socket)
                return state.connections
            }
            guard let number else {
                close(socket)
                break
            }
            Thread { [self] in
                Connection(socket: socket).serve { request in
                    var request = request
                    request.connection = number
                    change { state in
                        request.number = state.requests.count + 1
                        state.requests.append(request)
                    }
                    return script(request)
                } hold: {
                    change { $0.held += 1 }
                    gate.wait()
                    change { $0.held -= 1 }
                } refuse: {
                    stopListening()
                }
                change { _ = $0.sockets.remove(socket) }
                close(socket)
            }.start()
        }
        close(listener)
    }
}

extension [ScriptedServer.Step] {
    /// A whole answer with a JSON body.
    package static func json(
        _ text: String, status: Int = 200, headers: [String: String] = [:]
    ) -> [ScriptedServer.Step] {
        .answer(
            [UInt8](text.utf8), status: status, headers: ["Content-Type": "application/json"].merging(headers) { $1 })
    }

    /// A whole answer with a right `Content-Length`.
    package static func answer(
        _ body: [UInt8], status: Int = 200, headers: [String: String] = [:]
    ) -> [ScriptedServer.Step] {
        var head = "HTTP/1.1 \(status) Scripted\r\n"
        if status != 204 { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return [.send([UInt8]((head + "\r\n").utf8) + body)]
    }

    /// Exactly this text.
    package static func raw(_ text: String) -> [ScriptedServer.Step] { [.send([UInt8](text.utf8))] }
}

/// One connection of the scripted server, on its thread.
private struct Connection {
    let socket: Int32

    func serve(
        answer: (ScriptedServer.Request) -> [ScriptedServer.Step], hold: () -> Void, refuse: () -> Void
    ) {
        var buffer: [UInt8] = []
        while let request = readRequest(&buffer) {
            for step in answer(request) {
                guard play(step, hold, refuse) else { return }
            }
        }
    }

    /// Plays one step; false ends the connection.
    private func play(_ step: ScriptedServer.Step, _ hold: () -> Void, _ refuse: () -> Void) -> Bool {
        switch step {
        case .send(let bytes): return write(bytes)
        case .drip(let bytes, let interval):
            return bytes.allSatisfy { byte in write([byte]) && !isClosed(within: interval) }
        case .endless(let bytes):
            while write(bytes) {}
            return false
        case .hold:
            hold()
            return true
        case .refuseConnections:
            refuse()
            return true
        case .hang:
            while !isClosed(within: .seconds(3_600)) {}
            return false
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return false
        }
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits for the peer to close; a client that waits for its answer sends nothing else.
    private func isClosed(within duration: Duration) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        return poll(&descriptor, 1, milliseconds) > 0
    }

    private func readRequest(_ buffer: inout [UInt8]) -> ScriptedServer.Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = buffer.firstRange(of: end)
        while headEnd == nil {
            guard receive(&buffer) else { return nil }
            headEnd = buffer.firstRange(of: end)
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let bodyCount = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < headEnd.upperBound + bodyCount {
            guard receive(&buffer) else { return nil }
        }
        let body = Array(buffer[headEnd.upperBound..<headEnd.upperBound + bodyCount])
        buffer.removeFirst(headEnd.upperBound + bodyCount)
        return ScriptedServer.Request(
            number: 0, connection: 0, method: String(words[0]), target: String(words[1]), headers: headers, body: body)
    }

    private func receive(_ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }
}
