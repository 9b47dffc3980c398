import AkuaModel
import JSON
import Journal
import Testing

/// What is written comes back as it was, in the order that the reads promise.
struct ReadsAndWritesTests {
    let journal: Journal

    init() throws { journal = try Journal.inMemory() }

    @Test func `a source comes back with every field`() async throws {
        var source = try Sample.source()
        source.lastGoodCommit = Sample.commit
        source.appliedCommit = Sample.commit
        source.pruneBase = Sample.commit
        source.operationsSeen = try Sample.id("op_9")
        source.isInventoryComplete = true
        source.settings = ["mode": "plan", "digits": 3]
        try await journal.commit([.source(source), .source(try Sample.source("edge"))])
        #expect(try await journal.source("platform") == source)
        #expect(try await journal.source("other") == nil)
        #expect(try await journal.sources().map(\.source) == ["edge", "platform"])
    }

    @Test func `an object comes back with every field, and its second writing replaces the first`() async throws {
        var object = try Sample.object()
        object.predecessor = "inst_0"
        object.refusals = 2
        object.protection = "retain"
        object.healthyDigest = Sample.digest
        object.failures = 3
        object.nextAttempt = 1_795_262_460
        object.lastError = "the API refused the update (409 ETAG_MISMATCH)"
        try await journal.commit([.object(try Sample.object()), .object(object)])
        #expect(try await journal.object(object.identity) == object)
        #expect(try await journal.objects(of: "platform") == [object])
        #expect(try await journal.objects(of: "edge") == [])
    }

    @Test func `objects are ordered by kind and name and kept apart by source`() async throws {
        for name in ["b", "a", "C"] { try await journal.commit([.object(try Sample.object(name))]) }
        try await journal.commit([.object(try Sample.object("a", source: "edge"))])
        #expect(try await journal.objects(of: "platform").map(\.identity.name) == ["C", "a", "b"])
        #expect(try await journal.objects(of: "edge").map(\.identity.name) == ["a"])
    }

    @Test(arguments: [Write.Call].samples)
    func `an unsettled intent comes back with its request, byte for byte`(_ call: Write.Call) async throws {
        var intent = try Sample.intent("int-1")
        intent.write = Write(
            call: call, body: [0, 0xFF] + Array("{}".utf8), idempotencyKey: nil, ifMatch: ETag(#"W/"7f""#))
        intent.state = .running
        intent.operation = try Sample.id("op_1")
        intent.resourceID = "inst_1"
        intent.httpStatus = 202
        intent.error = "none yet"
        try await journal.commit([.intent(intent)])
        #expect(try await journal.unsettledIntents(of: "platform") == [intent])
    }

    @Test func `I4: unsettled intents are the open and the running ones, oldest first`() async throws {
        var running = try Sample.intent("int-2", "b", createdAt: Sample.now + 1)
        running.state = .running
        let closed = Sample.closed(try Sample.intent("int-1", "c"))
        let open = [try Sample.intent("int-4", "a"), try Sample.intent("int-3", "d")]
        try await journal.commit([.intent(running), .intent(closed)] + open.map(JournalEntry.intent))
        #expect(try await journal.unsettledIntents(of: "platform").map(\.id) == ["int-3", "int-4", "int-2"])
    }

    @Test func `I11: the body goes when the intent is closed, the rest of the request stays`() async throws {
        let intent = try Sample.intent("int-1")
        try await journal.commit([.intent(intent)])
        var closed = Sample.closed(intent)
        try await journal.commit([.intent(closed)])
        closed.write.body = nil
        #expect(try await journal.intents(of: intent.identity, limit: 5) == [closed])
        #expect(try await journal.unsettledIntents(of: "platform") == [])
    }

    @Test func `history is answered newest first and no longer than asked for`() async throws {
        let identity = try Sample.identity()
        for number in 1...4 {
            try await journal.commit([
                .reconcile(Sample.reconcile("rec-\(number)", startedAt: number)),
                .action(try Sample.action("rec-\(number)", 0, finishedAt: number)),
                .action(try Sample.action("rec-\(number)", 1, "other", finishedAt: number)),
                .intent(try Sample.intent("int-\(number)", createdAt: number)),
                .render(try Sample.render("rnd_\(number)", recordedAt: number)),
            ])
        }
        #expect(try await journal.intents(of: identity, limit: 2).map(\.id) == ["int-4", "int-3"])
        #expect(try await journal.renders(of: identity, limit: 3).map(\.render.text) == ["rnd_4", "rnd_3", "rnd_2"])
        #expect(try await journal.actions(of: identity, limit: 1) == [try Sample.action("rec-4", 0, finishedAt: 4)])
        #expect(try await journal.reconciles(of: nil, limit: 9).map(\.id) == ["rec-4", "rec-3", "rec-2", "rec-1"])
        #expect(try await journal.reconciles(of: "edge", limit: 9) == [])
        #expect(try await journal.lastReconcile(of: "platform") == Sample.reconcile("rec-4", startedAt: 4))
        #expect(try await journal.actions(of: "rec-2").map(\.position) == [0, 1])
        #expect(try await journal.intents(of: identity, limit: -1) == [])
    }

    @Test func `an allowance is answered until it is used`() async throws {
        var allowance = AllowanceRecord(source: "platform", digest: Sample.digest, allowedAt: 1)
        try await journal.commit([.allowance(allowance)])
        #expect(try await journal.allowances(of: "platform") == [allowance])
        allowance.usedAt = 2
        try await journal.commit([.allowance(allowance)])
        #expect(try await journal.allowances(of: "platform") == [])
    }

    @Test func `I1: of each identity that others made the newest life is kept`() async throws {
        let lives = ["a", "b"].map { LifeRecord(source: "platform", identityPart: $0, resourceID: "inst_\($0)") }
        try await journal.commit(lives.map(JournalEntry.life))
        #expect(try await journal.lives(of: "platform") == lives)
        let newer = LifeRecord(source: "platform", identityPart: "a", resourceID: "inst_c")
        try await journal.commit([.life(newer), .life(LifeRecord(source: "edge", identityPart: "a", resourceID: "x"))])
        #expect(try await journal.lives(of: "platform") == [newer, lives[1]])
    }

    @Test func `texts keep their bytes, but for NUL which SQLite's texts can't hold`() async throws {
        var object = try Sample.object()
        object.lastError = "e\u{301} \u{1F980} \u{2028} \"'\\ \u{1B}[31m"
        object.path = "a\0b"
        try await journal.commit([.object(object)])
        let found = try #require(try await journal.object(object.identity))
        #expect(found.lastError.map { Array($0.utf8) } == object.lastError.map { Array($0.utf8) })
        #expect(found.path == "a\u{FFFD}b")
    }

    @Test func `texts that mean the same keep their own spelling each`() async throws {
        let spellings = ["e\u{301}", "\u{E9}", "a\u{301}\u{323}", "a\u{323}\u{301}"]
        for (position, spelling) in spellings.enumerated() {
            var object = try Sample.object("install-\(position)")
            object.lastError = spelling
            try await journal.commit([.object(object)])
        }
        let found = try await journal.objects(of: "platform").compactMap(\.lastError)
        #expect(found.map { Array($0.utf8) } == spellings.map { Array($0.utf8) })
    }

    @Test func `numbers in what was asked for keep their digits`() async throws {
        var object = try Sample.object()
        object.requested = try #require(try JSONReader.read(#"{"n":12345678901234567890.10}"#).object)
        try await journal.commit([.object(object)])
        let found = try #require(try await journal.object(object.identity))
        #expect(JSONWriter().text(of: .object(found.requested)) == #"{"n":12345678901234567890.10}"#)
    }
}

/// What a person has suspended.
struct SuspensionTests {
    let journal: Journal

    init() throws { journal = try Journal.inMemory() }

    @Test func `it comes back as it was, the second replaces the first, and a resumption takes it away`() async throws {
        let first = SuspensionRecord(source: "platform", reason: "the fair", since: Sample.now, until: nil)
        let other = SuspensionRecord(source: "edge", reason: "an audit", since: 1, until: 1_795_262_460)
        try await journal.commit([.suspension(first), .suspension(other)])
        #expect(try await journal.suspension(of: "platform") == first)
        var second = first
        (second.reason, second.until) = ("the fair goes on", 1_795_262_460)
        try await journal.commit([.suspension(second)])
        #expect(try await journal.suspension(of: "platform") == second)
        #expect(second.holds(at: 1_795_262_459) && !second.holds(at: 1_795_262_460) && first.holds(at: .max))
        try await journal.commit([.resumption(source: "platform")])
        #expect(try await journal.suspension(of: "platform") == nil)
        #expect(try await journal.suspension(of: "edge") == other)
    }

    @Test func `it goes with the source when that gets another name`() async throws {
        let record = SuspensionRecord(source: "platform", reason: "the fair", since: 1, until: nil)
        try await journal.commit([.source(try Sample.source()), .suspension(record)])
        try await journal.commit([.sourceRenamed(from: "platform", to: "prod")])
        #expect(try await journal.suspension(of: "platform") == nil)
        #expect(try await journal.suspension(of: "prod")?.reason == "the fair")
    }
}

/// What plans were made of.
struct PlanningTests {
    @Test func `I12: the newest of each source are kept, and go with it when it gets another name`() async throws {
        let journal = try Journal.inMemory()
        func planning(_ number: Int, of source: String) -> StoredPlanning {
            StoredPlanning(
                reconcile: "rec-\(source)-\(number)", source: source, recordedAt: number, digest: Sample.digest,
                input: [UInt8(number), 0, 0xFF])
        }
        try await journal.commit([.planning(planning(0, of: "edge"))])
        let count = StoredPlanning.keptMax + 3
        for number in 0..<count { try await journal.commit([.planning(planning(number, of: "platform"))]) }
        var kept: [Int] = []
        for number in 0..<count {
            guard let found = try await journal.planning(of: "rec-platform-\(number)") else { continue }
            #expect(found == planning(number, of: "platform"))
            kept.append(number)
        }
        #expect(kept == Array(3..<count))
        #expect(try await journal.planning(of: "rec-edge-0") != nil)
        // A later round of the same pass takes the place of the earlier.
        var again = planning(count - 1, of: "platform")
        again.input = [7]
        try await journal.commit([.planning(again)])
        #expect(try await journal.planning(of: again.reconcile) == again)
        try await journal.commit([.source(try Sample.source()), .sourceRenamed(from: "platform", to: "prod")])
        #expect(try await journal.planning(of: again.reconcile)?.source == "prod")
    }
}

/// Why nothing is done about an object: as the last pass saw it, with the time when it began.
struct ConditionTests {
    let journal: Journal

    init() throws { journal = try Journal.inMemory() }

    @Test func `I14: one that goes on keeps its beginning, one that changes begins anew, one not listed ends`()
        async throws
    {
        try await journal.commit([
            .conditions(
                source: "platform",
                [
                    try Sample.condition("a", "dependency", since: 1), try Sample.condition("b", "window", since: 1),
                    try Sample.condition("c", "budget", since: 1),
                ])
        ])
        var goesOn = try Sample.condition("a", "dependency", since: 2)
        goesOn.sentence = "waits for Install/redis-eu"
        try await journal.commit([
            .conditions(source: "platform", [goesOn, try Sample.condition("b", "hold", since: 2)])
        ])
        goesOn.since = 1
        #expect(
            try await journal.conditions(of: "platform") == [goesOn, try Sample.condition("b", "hold", since: 2)])
    }

    @Test func `sources do not see each other's`() async throws {
        try await journal.commit([.conditions(source: "platform", [try Sample.condition("a", "dependency")])])
        try await journal.commit([.conditions(source: "edge", [])])
        #expect(try await journal.conditions(of: "platform").count == 1)
    }

    @Test func `a condition of another source is refused`() async throws {
        let error = await #expect(throws: JournalError.self) {
            try await journal.commit([.conditions(source: "edge", [try Sample.condition("a", "dependency")])])
        }
        #expect(error?.disposition == .defect)
    }
}

/// The schema refuses what no writer may say, whoever writes.
struct ConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: @Sendable () throws -> [JournalEntry]
    }

    @Test(arguments: [
        Case(testDescription: "a closed intent without an outcome") {
            var intent = Sample.closed(try Sample.intent("int-1"))
            intent.outcome = nil
            return [.intent(intent)]
        },
        Case(testDescription: "a closed intent without a time") {
            var intent = Sample.closed(try Sample.intent("int-1"))
            intent.closedAt = nil
            return [.intent(intent)]
        },
        Case(testDescription: "an open intent with an outcome") {
            var intent = try Sample.intent("int-1")
            intent.outcome = .succeeded
            return [.intent(intent)]
        },
        Case(testDescription: "an intent without an id") { [.intent(try Sample.intent(""))] },
        Case(testDescription: "a key that no header takes") {
            var intent = try Sample.intent("int-1")
            intent.write.idempotencyKey = String(repeating: "k", count: 65)
            return [.intent(intent)]
        },
        Case(testDescription: "a status that HTTP does not have") {
            var intent = try Sample.intent("int-1")
            intent.httpStatus = 42
            return [.intent(intent)]
        },
        Case(testDescription: "an object before its first life") {
            var object = try Sample.object()
            object.incarnation = 0
            return [.object(object)]
        },
        Case(testDescription: "a protection of an unknown name") {
            var object = try Sample.object()
            object.protection = "forever"
            return [.object(object)]
        },
        Case(testDescription: "an action of no reconcile") { [.action(try Sample.action("rec-0", 0))] },
        Case(testDescription: "an outcome of an unknown name") {
            var reconcile = Sample.reconcile("rec-1")
            reconcile.outcome = "fine"
            return [.reconcile(reconcile)]
        },
    ])
    func `refused, and nothing of the commit is in`(_ row: Case) async throws {
        let journal = try Journal.inMemory()
        let error = await #expect(throws: JournalError.self) {
            try await journal.commit([.source(try Sample.source())] + row.entries())
        }
        guard case .refused = error?.cause else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await journal.sources() == [])
    }

    @Test func `the sentence names the rule and never a value`() async throws {
        let journal = try Journal.inMemory()
        var intent = Sample.closed(try Sample.intent("int-1"))
        intent.outcome = nil
        intent.error = "canary-4711"
        let error = await #expect(throws: JournalError.self) { try await journal.commit([.intent(intent)]) }
        let sentence = try #require(error).description
        #expect(sentence.contains("CHECK constraint failed"))
        #expect(!sentence.contains("canary"))
    }
}

extension [Write.Call] {
    fileprivate static var samples: Self {
        let names = [
            "packages.import", "packages.create", "packages.createVersion", "packages.delete", "clusters.create",
            "clusters.update", "clusters.delete", "installs.create", "installs.updateVersion",
            "installs.setAutomaticUpdates", "installs.createRender", "installs.delete",
        ]
        return names.compactMap { Write.Call(name: $0, resourceID: "id_1") }
    }
}
