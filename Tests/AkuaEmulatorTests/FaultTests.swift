import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct FaultTests {
    struct Drop: Sendable, CustomTestStringConvertible {
        var testDescription: String { at }
        var at: String
        var packages: Int
        var status: Int?
        var isComplete: Bool
    }

    @Test(arguments: [
        Drop(at: "before_effect", packages: 0, status: nil, isComplete: false),
        Drop(at: "after_effect", packages: 1, status: nil, isComplete: false),
        Drop(at: "half_answer", packages: 1, status: 201, isComplete: false),
        Drop(at: "after_answer", packages: 1, status: 201, isComplete: true),
    ])
    func `a connection is lost at any point of a request`(_ row: Drop) async throws {
        try await withEmulator { client in
            let rule: JSONValue = [
                "match": ["call": "packages.importPublished"], "when": ["nth": 1],
                "do": ["at": .string(row.at), "drop": true],
            ]
            #expect(try await client.control("POST", "/faults", rule).json == ["ids": [1]])
            let answer = try await client.post("/packages:import", client.importBody(), key: "k")
            #expect(answer.status == row.status)
            #expect(answer.isComplete == row.isComplete)
            if row.at == "half_answer" { #expect(!answer.body.isEmpty) }
            #expect(try await client.get("/packages").json["data"]?.array?.count == row.packages)
            // The same intent again makes it right in every case.
            #expect(try await client.post("/packages:import", client.importBody(), key: "k").status == 201)
            #expect(try await client.get("/packages").json["data"]?.array?.count == 1)
        }
    }

    @Test(arguments: ["before_effect", "after_effect", "half_answer", "after_answer"])
    func `a process is killed at any point of a request`(_ point: String) async throws {
        try await withEmulator { client in
            let victim = Process()
            // Nobody waits for it: a program that does nothing until it is killed.
            victim.executableURL = URL(filePath: "/bin/sleep")
            victim.arguments = ["600"]
            try victim.run()
            let rule: JSONValue = [
                "match": ["call": "regions.create"],
                "do": ["at": .string(point), "kill_pid": .number(JSONNumber(Int(victim.processIdentifier)))],
            ]
            _ = try await client.control("POST", "/faults", rule)
            let answer = try await client.post("/regions", ["name": "eu"])
            victim.waitUntilExit()
            #expect(victim.terminationReason == .uncaughtSignal)
            #expect(victim.terminationStatus == SIGKILL)
            #expect(answer.isComplete == (point == "after_answer"))
            let made = try await client.get("/regions").json["data"]?.array?.count
            #expect(made == (point == "before_effect" ? 0 : 1))
        }
    }

    @Test func `an answer is replaced, with headers, before or after the effect`() async throws {
        try await withEmulator { client in
            let busy: JSONValue = [
                "match": ["method": "POST", "path": "^/v1/regions$"], "when": ["nth": 1],
                "do": ["status": 429, "headers": ["Retry-After": "7"], "body": ["message": "slow down"]],
            ]
            let late: JSONValue = [
                "match": ["method": "POST", "path": "^/v1/regions$"], "when": ["nth": 2],
                "do": ["at": "after_effect", "status": 502, "text": "<html>bad gateway</html>"],
            ]
            _ = try await client.control("POST", "/faults", ["rules": [busy, late]])
            let first = try await client.post("/regions", ["name": "eu"])
            #expect(first.status == 429)
            #expect(first.header("retry-after") == "7")
            #expect(first.json == ["message": "slow down"])
            #expect(try await client.get("/regions").json["data"] == [])
            let second = try await client.post("/regions", ["name": "eu"])
            #expect(second.status == 502)
            #expect(String(decoding: second.body, as: UTF8.self) == "<html>bad gateway</html>")
            #expect(try await client.get("/regions").json["data"]?.array?.count == 1)
            #expect(try await client.post("/regions", ["name": "us"]).status == 201)
            let rules = try await client.control("GET", "/faults").json["faults"]?.array ?? []
            #expect(rules.map { $0["happened"] } == [1, 1])
            #expect(rules.map { $0["seen"] } == [3, 3])
            #expect(rules.map { $0["when"] } == [["nth": 1], ["nth": 2]])
            #expect(rules.map { $0["do"]?["status"] } == [429, 502])
        }
    }

    @Test func `a fault happens each so often, so many times, until it is removed`() async throws {
        try await withEmulator { client in
            let rule: JSONValue = ["when": ["every": 2, "times": 2], "do": ["status": 503]]
            _ = try await client.control("POST", "/faults", rule)
            var statuses: [Int?] = []
            for _ in 0..<7 { statuses.append(try await client.get("/regions").status) }
            #expect(statuses == [200, 503, 200, 503, 200, 200, 200])
            _ = try await client.control("POST", "/faults", ["do": ["status": 503]])
            #expect(try await client.get("/regions").status == 503)
            _ = try await client.control("DELETE", "/faults/2")
            #expect(try await client.get("/regions").status == 200)
            _ = try await client.control("DELETE", "/faults")
            #expect(try await client.control("GET", "/faults").json == ["faults": []])
        }
    }

    @Test func `chances depend on the seed alone`() async throws {
        func statuses(seed: UInt64) async throws -> [Int?] {
            var options = EmulatorOptions.fast
            options.seed = seed
            return try await RunningEmulator.with(options) { running in
                let client = Client(running)
                _ = try await client.control("POST", "/faults", ["when": ["probability": 0], "do": ["status": 500]])
                _ = try await client.control(
                    "POST", "/faults",
                    ["when": ["probability": .number(try #require(JSONNumber(text: "0.5")))], "do": ["status": 503]])
                var seen: [Int?] = []
                for _ in 0..<24 { seen.append(try await client.get("/regions").status) }
                return seen
            }
        }
        let once = try await statuses(seed: 7)
        #expect(once.contains(200) && once.contains(503) && !once.contains(500))
        #expect(try await statuses(seed: 7) == once)
        #expect(try await statuses(seed: 8) != once)
    }

    @Test func `a request with one key alone is hit`() async throws {
        try await withEmulator { client in
            _ = try await client.control(
                "POST", "/faults", ["match": ["idempotency_key": "k2"], "do": ["status": 500]])
            #expect(try await client.post("/packages:import", client.importBody(), key: "k1").status == 201)
            #expect(try await client.post("/packages:import", client.importBody(), key: "k2").status == 500)
        }
    }

    @Test func `a delay delays, and a request that hangs ends with the emulator`() async throws {
        try await withEmulator { client in
            _ = try await client.control("POST", "/faults", ["when": ["nth": 1], "do": ["delay_ms": 200]])
            let start = ContinuousClock.now
            #expect(try await client.get("/regions").status == 200)
            #expect(ContinuousClock.now - start >= .milliseconds(200))
            _ = try await client.control("POST", "/faults", ["match": ["call": "clusters.list"], "do": ["hang": true]])
            async let hanging = client.get("/clusters")
            await client.running.emulator.waitForRequests(of: "clusters.list", count: 1)
            await client.running.stop()
            #expect(try await hanging.status == nil)
        }
    }

    struct Altered: Sendable, CustomTestStringConvertible {
        var testDescription: String { alteration.rawValue }
        var alteration: Alteration
        /// What is so of the answer to the import of a package.
        var holds: @Sendable (RawHTTP.Answer) -> Bool
    }

    @Test(arguments: [
        Altered(alteration: .truncated) { $0.json == .null && $0.isComplete },
        Altered(alteration: .wrongTypes) { $0.json["id"] == 7 && $0.json["created_at"] == "text" },
        Altered(alteration: .nulls) { $0.json.object?.contains { !$0.value.isNull } == false },
        Altered(alteration: .missing) { $0.json == [:] },
        Altered(alteration: .extraFields) { $0.json["unheard_of"] != nil && $0.json["name"] == "checkout" },
        Altered(alteration: .unknownWords) { $0.json["name"] == "checkout" },
        Altered(alteration: .duplicateKeys) { $0.json == .null },
        Altered(alteration: .deepNesting) { $0.json == .null && $0.body.count > 20_000 },
        Altered(alteration: .loneSurrogate) { $0.json == .null },
        Altered(alteration: .otherID) { $0.json["id"]?.string?.hasSuffix("~") == true },
        Altered(alteration: .plainText) { $0.header("content-type") == "text/plain" },
        Altered(alteration: .padded) { $0.body.count > 70 << 20 },
        // What is no page has no cursor, and what is no operation can't be done.
        Altered(alteration: .sameCursor) { $0.json["name"] == "checkout" },
        Altered(alteration: .doneEarly) { $0.json["name"] == "checkout" },
    ])
    func `a true answer is changed on its way`(_ row: Altered) async throws {
        try await withEmulator { client in
            let rule: JSONValue = [
                "match": ["call": "packages.importPublished"], "do": ["alter": .string(row.alteration.rawValue)],
            ]
            #expect(try await client.control("POST", "/faults", rule).status == 200)
            let answer = try await client.post("/packages:import", client.importBody(), key: "k")
            #expect(answer.status == 201)
            #expect(row.holds(answer), "\(String(decoding: answer.body.prefix(400), as: UTF8.self))")
            // What was asked for is done whatever is said of it.
            #expect(try await client.get("/packages").json["data"]?.array?.count == 1)
        }
    }

    @Test func `a list goes on in a circle, for ever or nowhere`() async throws {
        try await withEmulator { client in
            for (word, isSame) in [("same_cursor", true), ("endless_cursor", false)] {
                _ = try await client.control("POST", "/faults", ["do": ["alter": .string(word)]])
                let first = try await client.get("/regions").json
                let next = try #require(first["next_cursor"]?.string)
                let second = try await client.get("/regions?cursor=\(next)").json
                #expect(first["has_more"] == true && second["has_more"] == true)
                #expect((second["next_cursor"] == first["next_cursor"]) == isSame)
                _ = try await client.control("DELETE", "/faults")
            }
            _ = try await client.control("POST", "/faults", ["do": ["alter": "no_cursor"]])
            let lost = try await client.get("/regions").json
            #expect(lost["has_more"] == true && lost["next_cursor"] == .null)
        }
    }

    @Test func `an answer drips, and another never ends`() async throws {
        try await withEmulator { client in
            _ = try await client.control("POST", "/faults", ["when": ["nth": 1], "do": ["drip_ms": 2]])
            let start = ContinuousClock.now
            let slow = try await client.get("/regions")
            #expect(slow.status == 200 && slow.isComplete)
            #expect(ContinuousClock.now - start >= .milliseconds(2 * slow.body.count))
            _ = try await client.control("POST", "/faults", ["when": ["nth": 1], "do": ["content_length": 1_000_000]])
            let long = try await client.get("/regions")
            #expect(long.header("content-length") == "1000000" && !long.isComplete)
        }
    }

    @Test(arguments: [("touched", 409), ("moved", 409), ("deleted", 404)])
    func `somebody is faster than a write`(_ meanwhile: String, _ status: Int) async throws {
        try await withEmulator { client in
            var population = Population()
            (population.packages, population.installs) = (1, 1)
            try client.running.emulator.populate(population)
            let install = try #require(try await client.get("/installs").json["data"]?.array?.first)
            let id = try #require(install["id"]?.string)
            _ = try await client.control(
                "POST", "/faults", ["match": ["method": "DELETE"], "do": ["meanwhile": .string(meanwhile)]])
            let etag = install["etag"]?.string
            #expect(try await client.send("DELETE", "/installs/\(id)", key: "k", ifMatch: etag).status == status)
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"do":{"alter":"everything"}}"#, #"{"do":{"meanwhile":"asleep"}}"#, #"{"do":{"status":42}}"#,
        #"{"do":{"kill_pid":1}}"#, #"{"do":{"at":"midnight"}}"#,
        #"{"match":{"path":"("},"do":{}}"#, #"{"do":{},"extra":1}"#, #"{"do":{"operation":{}}}"#,
    ])
    func `a rule that makes no sense is refused`(_ rule: String) async throws {
        try await withEmulator { client in
            let answer = try await client.control("POST", "/faults", JSONReader.read(rule))
            #expect(answer.status == 422)
            #expect(try await client.control("GET", "/faults").json == ["faults": []])
        }
    }
}
