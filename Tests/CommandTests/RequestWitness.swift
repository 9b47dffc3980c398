import AkuaEmulator
import Foundation
import JSON
import Synchronization
import TestSupport

/// What passed between the program and the platform, pass by pass, and what of it breaks a promise.
final class RequestWitness: Sendable {
    private struct State {
        /// The etags that the answers of this pass have shown, by the id of their object.
        var etags: [String: Set<String>] = [:]
        /// What was sent first under each key.
        var sent: [String: RecordedRequest] = [:]
        var memory = 0
        var violations: [String] = []
    }

    private let state = Mutex(State())
    /// Of a debug build, in bytes; a sanitizer keeps a shadow of all memory.
    private static let memoryMax =
        (ProcessInfo.processInfo.environment["AKUA_GITOPS_SANITIZE"] == nil ? 96 : 1_024) << 20

    /// What broke a promise, one sentence each.
    var violations: [String] {
        state.withLock {
            $0.memory <= Self.memoryMax ? $0.violations : $0.violations + ["R17: \($0.memory >> 20) MiB were resident"]
        }
    }

    /// Notes what an answer shows; the emulator tells of each.
    func see(_ exchange: Exchange) {
        guard (200..<300).contains(exchange.status) else { return }
        // What a fault has made of an answer may be no JSON, and then shows nothing.
        guard let body = try? JSONReader.read(exchange.responseBody) else { return }
        state.withLock { state in
            for object in body["data"]?.array ?? [body] {
                guard let id = object["id"]?.string, let etag = object["etag"]?.string else { continue }
                state.etags[id, default: []].insert(etag)
            }
        }
    }

    /// One pass of the program under these eyes.
    func pass(_ installation: Installation) async throws -> Installation.Ending {
        let emulator = installation.emulator.emulator
        let (seen, memory) = (emulator.requests().count, MemoryWitness())
        state.withLock { $0.etags = [:] }
        let ending = try await installation.run("reconcile", onStart: memory.watch)
        state.withLock { state in
            state.memory = max(state.memory, memory.bytes)
            if ending.wasKilled { state.violations.append("R17: it died: \(ending)") }
            Self.judge(emulator.requests(after: seen), &state)
        }
        return ending
    }

    /// I3, I4 and R10 of the requests of one pass.
    private static func judge(_ requests: [RecordedRequest], _ state: inout State) {
        for (position, request) in requests.enumerated() {
            let name = "\(request.method) \(request.path)"
            if let key = request.idempotencyKey, let first = state.sent[key] {
                if first.body != request.body || first.ifMatch != request.ifMatch {
                    state.violations.append("I4: \(name) was sent again under its key as another request")
                }
            } else if let etag = request.ifMatch {
                // What is sent again is guarded by the etag that it had (I4); all else by one of this pass.
                let isRead = state.etags.contains { request.path.contains($0.key) && $0.value.contains(etag) }
                if !isRead { state.violations.append("I3: \(name) carries an etag that was not read in this pass") }
            }
            if let key = request.idempotencyKey, state.sent[key] == nil { state.sent[key] = request }
            guard [409, 412].contains(request.status), request.ifMatch != nil else { continue }
            let object = object(of: request)
            let after = requests[(position + 1)...]
            guard let next = after.firstIndex(where: { $0.ifMatch != nil && Self.object(of: $0) == object }) else {
                continue
            }
            let reads = after[..<next].count { $0.method == "GET" && $0.path.hasSuffix("/\(object)") }
            if reads != 1 {
                state.violations.append("R10: \(reads) reads of \(object) between a 409 and the next write")
            }
        }
    }

    /// The id in the path of a write that takes an etag.
    private static func object(of request: RecordedRequest) -> String {
        let parts = request.path.split(separator: "/")
        return parts.count > 2 ? String(parts[2].prefix { $0 != ":" && $0 != "%" }) : request.path
    }
}

/// The most memory that a process has had resident, looked at until it ends.
final class MemoryWitness: Sendable {
    private let peak = Mutex(0)

    /// In bytes.
    var bytes: Int { peak.withLock { $0 } }

    func watch(_ pid: Int32) {
        Thread.detachNewThread { [self] in
            // Gone or not ours any more: the last look holds.
            while let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            {
                peak.withLock { $0 = max($0, kilobytes << 10) }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }
}
