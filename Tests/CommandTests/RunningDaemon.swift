import Foundation
import JSON
import Synchronization
import TestSupport

/// The real daemon, seen through its log and its HTTP endpoints.
final class RunningDaemon: Sendable {
    /// One line of its log.
    struct Line: Sendable {
        var json: JSONValue
        var bytes: Int

        var event: String { json["event"]?.string ?? "" }
        func text(_ field: String) -> String { json[field]?.string ?? "" }
        var time: Date {
            (try? Date(text("ts"), strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)))
                ?? .distantFuture  // No line is without a time; one that were would fail the test that looks.
        }
        func int(_ field: String) -> Int? { json[field]?.number?.int }
    }

    struct Ending: Sendable {
        var status: Int32
        var wasKilled: Bool
        /// Since it was told to stop.
        var duration: Duration
        var errors: String
    }

    let pid: Int32
    private let log: Log
    private let exit: Exit
    private let errors: URL

    /// Much longer than anything takes: only a daemon that is broken gets there.
    private static let patience = Duration.seconds(40)

    /// `environment` has the variables besides those of this process; `configuration` is a file of the installation.
    init(
        _ installation: Installation, configuration: String = "config.yaml", environment: [String: String] = [:],
        _ arguments: String...
    ) throws {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = Installation.program
        process.arguments = ["run", "--config", installation.folder.appending(configuration)] + arguments
        let output = Pipe()
        errors = URL(filePath: installation.folder.appending("daemon-\(UUID().uuidString).err"))
        try Data().write(to: errors)
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        let (log, exit) = (Log(), Exit())
        process.terminationHandler = { process in
            exit.set(process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal)
        }
        try process.run()
        (self.log, self.exit, pid) = (log, exit, process.processIdentifier)
        Thread.detachNewThread { log.read(output.fileHandleForReading) }
    }

    deinit { if exit.ending == nil { kill(pid, SIGKILL) } }

    /// Runs a daemon for as long as `body` does, and expects it to be stopped by SIGTERM.
    static func with<Value>(
        _ installation: Installation, environment: [String: String] = [:],
        _ body: (RunningDaemon) async throws -> Value
    ) async throws -> Value {
        let daemon = try RunningDaemon(installation, environment: environment)
        let value = try await body(daemon)
        let ending = try await daemon.stop()
        guard ending.status == 0, !ending.wasKilled else { throw NeverHappened(description: "a clean end: \(ending)") }
        daemon.expectCatalogue()
        return value
    }

    var lines: [Line] { log.lines }

    /// What it has used of a processor so far, its children apart.
    var cpuSeconds: Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""  // Gone: nothing more.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Double($0) }.reduce(0, +)
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The lowest number that its next file, socket or pipe may get.
    var firstFreeDescriptor: Int {
        get throws {
            let used = Set(
                try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { Int($0) })
            return (0...).first { !used.contains($0) } ?? 0
        }
    }

    /// Returns when a fetch has just ended, so that the next is a poll interval away.
    func hasFetched() async throws {
        func isFetching() throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").contains { task in
                // A thread may end meanwhile, and with it its list.
                let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)
                return !(children ?? "").isEmpty
            }
        }
        let end = ContinuousClock.now + Self.patience
        for isWanted in [true, false] {
            while try isFetching() != isWanted {
                guard ContinuousClock.now < end else { throw NeverHappened(description: "no fetch was seen") }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// The position in the log from which on news are news.
    var now: Int { log.lines.count }

    /// The first line of an event that meets the condition, there already or still to come.
    @discardableResult
    func line(
        _ event: String, after position: Int = 0, where isWanted: @escaping @Sendable (Line) -> Bool = { _ in true }
    ) async throws -> Line {
        let (log, patience) = (log, Self.patience)
        let found = try await withThrowingTaskGroup(of: Line?.self) { group in
            group.addTask {
                for await line in log.stream(after: position) where line.event == event && isWanted(line) {
                    return line
                }
                return nil
            }
            group.addTask {
                // No wait but a deadline: whichever of the two ends first ends the other.
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let found else {
            let text = try String(contentsOf: errors, encoding: .utf8)
            let last = log.lines.suffix(40).map { JSONWriter().text(of: $0.json) }.joined(separator: "\n")
            throw NeverHappened(description: "no \(event) was logged; the last lines:\n\(last)\n\(text)")
        }
        return found
    }

    /// The end of a pass over a commit with everything in step.
    @discardableResult
    func converged(on commit: String, source: String = "platform", after position: Int = 0) async throws -> Line {
        try await line("reconcile.finished", after: position) {
            $0.text("commit") == commit && $0.text("source") == source
                && ["changed", "in_sync"].contains($0.text("outcome"))
        }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Sends signals, each once the daemon has heard the one before, and waits for the end.
    func stop(with signals: [Int32] = [SIGTERM]) async throws -> Ending {
        let started = ContinuousClock.now
        for (position, number) in signals.enumerated() {
            if position > 0 { try await line("daemon.stopping") }
            signal(number)
        }
        return try await ended(since: started)
    }

    /// Waits until the process has ended by itself.
    func ended(since started: ContinuousClock.Instant = .now) async throws -> Ending {
        let (status, wasKilled) = await exit.wait()
        await log.waitForEnd()
        return Ending(
            status: status, wasKilled: wasKilled, duration: started.duration(to: .now),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// The port of its server, once it listens.
    func port() async throws -> Int {
        let ready = try await line("daemon.ready")
        guard let port = ready.text("address").split(separator: ":").last.flatMap({ Int($0) }) else {
            throw NeverHappened(description: "daemon.ready names no address: \(ready)")
        }
        return port
    }

    func get(_ path: String) async throws -> RawHTTP.Answer {
        try await RawHTTP(port: try await port()).send("GET", path)
    }

    /// Waits until `/readyz` names exactly these, as `source reason`; nothing when it is ready.
    func isUnready(_ wanted: String...) async throws {
        var seen: [String] = []
        try await wait(for: "readyz naming \(wanted), and not \(seen)", patience: Self.patience) {
            let answer = try await get("/readyz")
            seen = (answer.json["reasons"]?.array ?? []).map {
                "\($0["source"]?.string ?? "-") \($0["reason"]?.string ?? "-")"
            }
            return seen == wanted && (answer.status == 200) == wanted.isEmpty
        }
    }

    /// The value of one series of `/metrics`, named as it is written there.
    func metric(_ series: String) async throws -> Double? {
        let text = String(decoding: try await get("/metrics").body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("akua_gitops_\(series) ") }
        return line.flatMap { Double($0.split(separator: " ").last ?? "") }
    }
}

/// The lines that have come, and those who wait for more.
private final class Log: Sendable {
    private struct State {
        var lines: [RunningDaemon.Line] = []
        var readers: [AsyncStream<RunningDaemon.Line>.Continuation] = []
        var isOver = false
    }
    private let state = Mutex(State())

    var lines: [RunningDaemon.Line] { state.withLock { $0.lines } }

    /// Reads to the end; blocks its thread.
    func read(_ handle: FileHandle) {
        var rest = Data()
        while true {
            let chunk = handle.availableData
            if chunk.isEmpty { break }
            rest += chunk
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let bytes = Array(rest[rest.startIndex..<end])
                rest = Data(rest[rest.index(after: end)...])
                // What is no JSON shows as a line without an event, and the tests look for such.
                let line = RunningDaemon.Line(json: (try? JSONReader.read(bytes)) ?? .null, bytes: bytes.count + 1)
                state.withLock { state in
                    state.lines.append(line)
                    for reader in state.readers { reader.yield(line) }
                }
            }
        }
        state.withLock { state in
            state.isOver = true
            for reader in state.readers { reader.finish() }
        }
    }

    func stream(after position: Int) -> AsyncStream<RunningDaemon.Line> {
        AsyncStream { continuation in
            state.withLock { state in
                for line in state.lines.dropFirst(position) { continuation.yield(line) }
                if state.isOver { continuation.finish() } else { state.readers.append(continuation) }
            }
        }
    }

    func waitForEnd() async { for await _ in stream(after: .max) {} }
}

/// How a process ended, for those who wait for it.
private final class Exit: Sendable {
    private let state = Mutex((ending: (Int32, Bool)?.none, waiting: [CheckedContinuation<(Int32, Bool), Never>]()))

    var ending: (Int32, Bool)? { state.withLock { $0.ending } }

    func set(_ status: Int32, wasKilled: Bool) {
        let waiting = state.withLock { state in
            state.ending = (status, wasKilled)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: (status, wasKilled)) }
    }

    func wait() async -> (Int32, Bool) {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiting.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
