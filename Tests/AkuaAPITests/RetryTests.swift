import AkuaAPI
import AkuaModel
import JSON
import Synchronization
import TestSupport
import Testing

@Suite struct RetryTests {
    private static let install = Write(
        call: .createInstall, body: Array(#"{"a":1}"#.utf8), idempotencyKey: "agl1-key", ifMatch: nil)
    private static let busy: [ScriptedServer.Step] = .json(#"{"message":"busy"}"#, status: 500)
    private static let throttled: [ScriptedServer.Step] = .json("{}", status: 429, headers: ["Retry-After": "7"])

    /// Fails the first `failures` requests with `steps`, then answers well.
    private static func failing(
        _ failures: Int, _ steps: [ScriptedServer.Step], then answer: JSONValue = Sample.operation
    ) -> ScriptedServer.Script {
        let text = answer.text
        return { $0.number <= failures ? steps : .json(text, status: 202) }
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func `I4: a write under a key is sent again with the same key and bytes`(_ status: Int) async throws {
        try await Fixture.run(Self.failing(2, .json("{}", status: status))) { fixture in
            _ = try await fixture.client.send(Self.install)
            let requests = fixture.server.requests
            #expect(requests.count == 3)
            #expect(Set(requests.map(\.body)) == [Array(#"{"a":1}"#.utf8)])
            #expect(Set(requests.map { $0.headers["idempotency-key"] }) == ["agl1-key"])
            #expect(fixture.attempts.map(\.attempt) == [1, 2, 3])
            #expect(fixture.attempts.map(\.status) == [status, status, 202])
            #expect(fixture.attempts.map { $0.retry?.reason } == ["status \(status)", "status \(status)", nil])
        }
    }

    @Test(arguments: [
        [ScriptedServer.Step.close], [.reset], .raw("garbage\r\n") + [.close],
        .raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{") + [.close],
    ])
    func `a lost answer is asked for again`(_ steps: [ScriptedServer.Step]) async throws {
        try await Fixture.run(Self.failing(1, steps)) { fixture in
            _ = try await fixture.client.send(Self.install)
            #expect(fixture.attempts.count == 2)
            #expect(fixture.attempts[0].status == nil)
            #expect(fixture.attempts[0].failure?.contains("failed") == true)
            #expect(fixture.attempts[0].retry != nil)
        }
    }

    @Test(arguments: [400, 403, 404, 409, 412, 422, 501, 505, 301])
    func `an answer that will not change is final at once`(_ status: Int) async throws {
        try await Fixture.run({ _ in .json(#"{"message":"no"}"#, status: status) }) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(Self.install) }
            #expect(error?.status == status)
            #expect(error?.messages == ["no"])
            #expect(error?.mayHaveTakenEffect == !(400..<500).contains(status))
            #expect(fixture.server.requests.count == 1)
            #expect(fixture.time.sleeps.isEmpty)
        }
    }

    @Test func `a create without a key is sent once, and may have taken effect`() async throws {
        let write = Write(
            call: .createPackageVersion(try id("pkg_1")), body: Array("{}".utf8), idempotencyKey: nil, ifMatch: nil)
        for (steps, mayHave) in [(Self.busy, true), ([.close], true), (.json("{}", status: 429), false)] {
            try await Fixture.run({ _ in steps }) { fixture in
                let error = await #expect(throws: APIError.self) { try await fixture.client.send(write) }
                #expect(error?.mayHaveTakenEffect == mayHave)
                #expect(error?.disposition == .retry)
                #expect(fixture.server.requests.count == 1)
            }
        }
    }

    @Test func `three attempts are all, and the delays between them are jittered and grow`() async throws {
        try await Fixture.run({ _ in Self.busy }) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.install(id("inst_1")) }
            #expect(error?.status == 500)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(fixture.server.requests.count == 3)
            // Half of 200 ms and half of 400 ms: the fraction of these tests.
            #expect(fixture.time.sleeps == [.milliseconds(100), .milliseconds(200)])
            #expect(fixture.attempts.map { $0.retry?.delay } == [.milliseconds(100), .milliseconds(200), nil])
        }
    }

    @Test func `what an earlier attempt may have done is not forgotten when a later one is refused`() async throws {
        let script: ScriptedServer.Script = { $0.number == 1 ? [.close] : .json(#"{"message":"exists"}"#, status: 409) }
        try await Fixture.run(script) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(Self.install) }
            #expect(error?.status == 409)
            #expect(error?.mayHaveTakenEffect == true)
            #expect(error?.disposition == .replan)
        }
    }

    @Test func `a server that is not there may be tried again, and nothing took effect`() async throws {
        let fixture = try Fixture { _ in [.close] }
        fixture.server.stop()
        try await fixture.use { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(Self.install) }
            guard case .unreachable(let why) = error?.cause else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("connecting failed"))
            #expect(error?.mayHaveTakenEffect == false)
            #expect(fixture.attempts.count == 3)
        }
    }

    @Test func `R16: while nothing is answered well, retries are the reserve and no more`() async throws {
        try await Fixture.run({ _ in Self.busy }) { fixture in
            for _ in 0..<200 {
                await #expect(throws: APIError.self) { try await fixture.client.install(id("inst_1")) }
            }
            let requests = fixture.server.requests.count
            #expect(requests == 200 + RetryBudget.reserve)
            #expect(requests * 10 <= 200 * 11)
        }
    }

    @Test(arguments: [2, 3, 5])
    func `R16: once the budget is spent, no hundred requests hold more than ten retries`(
        _ failingOneIn: Int
    ) async throws {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = {
            $0.number.isMultiple(of: failingOneIn) ? Self.busy : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            for _ in 0..<600 {
                // Whether a call succeeds is not the matter here.
                do { _ = try await fixture.client.operation(id("op_1")) } catch is APIError {}
            }
            let attempts = fixture.attempts
            // A call that was given up before its third attempt had no retry left.
            let spent = try #require(attempts.firstIndex { $0.status == 500 && $0.retry == nil && $0.attempt < 3 })
            let most = (spent..<attempts.count - 100).map { start in
                attempts[start..<start + 100].count { $0.attempt > 1 }
            }.max()
            #expect((1...10).contains(most ?? 0))
        }
    }

    @Test func `R16: Retry-After pauses every call of the scope until it has passed`() async throws {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = {
            $0.number == 1 ? .json("{}", status: 429, headers: ["Retry-After": "7"]) : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            _ = try await fixture.client.operation(id("op_1"))
            // 100 ms of back-off, and the rest of the seven seconds.
            #expect(fixture.time.sleeps == [.milliseconds(100), .milliseconds(6_900)])
            #expect(fixture.attempts[0].throttle == APIAttempt.Throttle(pause: .seconds(7), concurrency: 2))
            fixture.time.pass(.seconds(1))
            _ = try await fixture.client.operation(id("op_1"))
            #expect(fixture.time.sleeps.count == 2)
        }
    }

    @Test(arguments: [
        ("40", 40), ("3600", 3_600), ("Sun, 09 Sep 2001 01:47:40 GMT", 60),
    ])
    func `R16: a long Retry-After is handed to the caller, and nothing is sent before it`(
        _ header: String, _ seconds: Int
    )
        async throws
    {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = {
            $0.number == 1 ? .json("{}", status: 503, headers: ["Retry-After": header]) : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            let first = await #expect(throws: APIError.self) { try await fixture.client.operation(id("op_1")) }
            #expect(first?.retryAfter == .seconds(seconds))
            fixture.time.pass(.seconds(5))
            for _ in 0..<3 {
                let other = await #expect(throws: APIError.self) { try await fixture.client.send(Self.install) }
                #expect(other?.retryAfter == .seconds(seconds - 5))
                #expect(other?.disposition == .retry)
                #expect(other?.mayHaveTakenEffect == false)
                let wait = await #expect(throws: APIError.self) {
                    try await fixture.client.wait(for: id("op_1"), seconds: 1)
                }
                #expect(wait?.retryAfter == .seconds(seconds - 5))
            }
            #expect(fixture.server.requests.count == 1)
            fixture.time.pass(.seconds(seconds))
            _ = try await fixture.client.operation(id("op_1"))
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test func `R14: a Retry-After that is a date is meant by the platform's clock, whatever ours says`() async throws {
        let answer = Sample.operation.text
        let headers = ["Date": "Fri, 02 Jan 2026 03:04:05 GMT", "Retry-After": "Fri, 02 Jan 2026 03:05:05 GMT"]
        let script: ScriptedServer.Script = {
            $0.number == 1 ? .json("{}", status: 503, headers: headers) : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.operation(id("op_1")) }
            #expect(error?.retryAfter == .seconds(60))
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(arguments: ["3601", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "-5", "1.5", ""])
    func `R16: a Retry-After that can't be believed is not followed`(_ header: String) async throws {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = {
            $0.number == 1 ? .json("{}", status: 503, headers: ["Retry-After": header]) : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            _ = try await fixture.client.operation(id("op_1"))
            #expect(fixture.time.sleeps.reduce(.zero, +) <= .seconds(1))
        }
    }

    @Test func `overload without a header pauses the scope for the jittered delay and halves the concurrency`()
        async throws
    {
        try await Fixture.run(Self.failing(1, .json("{}", status: 503))) { fixture in
            _ = try await fixture.client.send(Self.install)
            #expect(fixture.attempts[0].throttle == APIAttempt.Throttle(pause: .milliseconds(100), concurrency: 2))
            #expect(fixture.attempts[1].throttle == nil)
        }
    }

    @Test func `overload seen by a long poll halves the long polls, and pauses everybody`() async throws {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = {
            $0.number == 1 ? .json("{}", status: 429, headers: ["Retry-After": "3"]) : .json(answer)
        }
        try await Fixture.run(script) { fixture in
            _ = try await fixture.client.wait(for: id("op_1"), seconds: 1)
            #expect(fixture.attempts[0].throttle == APIAttempt.Throttle(pause: .seconds(3), concurrency: 32))
        }
    }

    /// When requests arrived, by the time that calls wait by.
    private final class Arrivals: Sendable {
        let time = Mutex<VirtualTime?>(nil)
        let moments = Mutex<[ContinuousClock.Instant]>([])

        func note() {
            guard let now = time.withLock({ $0?.now }) else { return }
            moments.withLock { $0.append(now) }
        }
    }

    @Test func `R16: of many calls at once none leaves before a Retry-After has passed`() async throws {
        let answer = Sample.operation.text
        let arrivals = Arrivals()
        let script: ScriptedServer.Script = {
            arrivals.note()
            return $0.number == 1 ? [.hold] + Self.throttled : .json(answer)
        }
        let fixture = try Fixture(maxConcurrency: 1, script)
        arrivals.time.withLock { $0 = fixture.time }
        try await fixture.use { fixture in
            let client = fixture.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 { group.addTask { _ = try await client.operation(id("op_1")) } }
                await fixture.server.wait { $0.held == 1 }
                fixture.server.release()
                try await group.waitForAll()
            }
            let moments = arrivals.moments.withLock { $0 }
            #expect(moments.count == 31)
            #expect(moments.dropFirst().allSatisfy { moments[0].duration(to: $0) >= .seconds(7) })
            #expect(fixture.attempts.count { $0.throttle != nil } == 1)
        }
    }

    @Test func `a cancelled call ends as cancelled, wherever it stands`() async throws {
        let fixture = try Fixture(maxConcurrency: 1) { _ in [.hang] }
        try await fixture.use { fixture in
            let client = fixture.client
            let sent = Task { await #expect(throws: APIError.self) { try await client.send(Self.install) } }
            await fixture.server.wait { $0.requests.count == 1 }
            let queued = Task { await #expect(throws: APIError.self) { try await client.send(Self.install) } }
            queued.cancel()
            #expect(await queued.value?.cause == .cancelled)
            #expect(await queued.value?.mayHaveTakenEffect == false)
            sent.cancel()
            #expect(await sent.value?.cause == .cancelled)
            #expect(await sent.value?.mayHaveTakenEffect == true)
            #expect(await sent.value?.disposition == .cancelled)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test func `P6: long polls take no place from work`() async throws {
        let answer = Sample.operation.text
        let script: ScriptedServer.Script = { $0.path.hasSuffix(":wait") ? [.hold] + .json(answer) : .json(answer) }
        let fixture = try Fixture(maxConcurrency: 1, script)
        try await fixture.use { fixture in
            let client = fixture.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await client.wait(for: id("op_1"), seconds: 60) }
                }
                await fixture.server.wait { $0.held == 20 }
                for _ in 0..<5 { _ = try await client.operation(id("op_1")) }
                fixture.server.release(20)
                try await group.waitForAll()
            }
        }
    }

    @Test func `P5: work in flight starts at four, doubles, and stays within the maximum`() async throws {
        let answer = Sample.operation.text
        let fixture = try Fixture(maxConcurrency: 16) { _ in [.hold] + .json(answer) }
        try await fixture.use { fixture in
            let client = fixture.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 { group.addTask { _ = try await client.operation(id("op_1")) } }
                var answered = 0
                for round in [4, 8, 16, 16] {
                    await fixture.server.wait { [answered] in $0.requests.count == answered + round && $0.held == round
                    }
                    fixture.server.release(round)
                    answered += round
                }
                fixture.server.release(64)
                try await group.waitForAll()
            }
        }
    }
}
