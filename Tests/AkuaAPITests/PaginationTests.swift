import AkuaModel
import JSON
import TestSupport
import Testing

@testable import AkuaAPI

@Suite struct PaginationTests {
    /// A platform with these pages of installs, found by their cursors; the first by none.
    private static func script(_ pages: [String: JSONValue]) -> ScriptedServer.Script {
        let texts = pages.mapValues(\.text)
        return { request in
            let cursor = request.target.firstRange(of: "cursor=").map { String(request.target[$0.upperBound...]) } ?? ""
            return .json(texts[cursor] ?? #"{"message":"no such cursor"}"#, status: texts[cursor] == nil ? 400 : 200)
        }
    }

    private static func installs(_ names: String..., next: String? = nil) -> JSONValue {
        Sample.page(names.map { Sample.install.with("id", .string("inst_\($0)")) }, next: next)
    }

    @Test func `all pages are read, in order, each once`() async throws {
        let pages = [
            "": Self.installs("a", "b", next: "x/1 +é"), "x%2F1%20%2B%C3%A9": Self.installs("c", next: "two"),
            "two": Self.installs("d", "e"),
        ]
        try await Fixture.run(Self.script(pages)) { fixture in
            let installs = try await fixture.client.installs()
            #expect(installs.map(\.id.text) == ["inst_a", "inst_b", "inst_c", "inst_d", "inst_e"])
            #expect(
                fixture.server.requests.map(\.target) == [
                    "/v1/installs?limit=100", "/v1/installs?limit=100&cursor=x%2F1%20%2B%C3%A9",
                    "/v1/installs?limit=100&cursor=two",
                ])
        }
    }

    @Test func `P1: the next page is on its way while this one is read`() async throws {
        let pages = ["": Self.installs("a", next: "two"), "two": Self.installs("b")]
        try await Fixture.run(Self.script(pages)) { fixture in
            let installs: [Install] = try await fixture.client.list(.listInstalls) { install throws(AnswerError) in
                guard install.id.text == "inst_a" else { return }
                // Reading goes on only when the platform has seen the second request.
                let start = ContinuousClock.now
                while fixture.server.requests.count < 2 {
                    guard start.duration(to: .now) < .seconds(20) else { throw AnswerError("", "was read first") }
                }
            }
            #expect(installs.count == 2)
        }
    }

    @Test func `an object that is seen twice is kept once, as it was seen last`() async throws {
        let pages = [
            "": Self.installs("a", "b", next: "two"),
            "two": Sample.page([
                Sample.install.with("id", "inst_b").with("etag", "43"), Sample.install.with("id", "inst_c"),
            ]),
        ]
        try await Fixture.run(Self.script(pages)) { fixture in
            let installs = try await fixture.client.installs()
            #expect(installs.map(\.id.text) == ["inst_a", "inst_b", "inst_c"])
            #expect(installs[1].etag.text == "43")
        }
    }

    struct Bad: CustomTestStringConvertible {
        var testDescription: String
        var pages: [String: JSONValue]
        var complaint: String
        var requests: Int
    }

    @Test(arguments: [
        Bad(
            testDescription: "a cursor that repeats",
            pages: ["": installs("a", next: "x"), "x": installs("b", next: "x")],
            complaint: "next_cursor occurs a second time", requests: 3),
        Bad(
            testDescription: "cursors that go round",
            pages: ["": installs("a", next: "x"), "x": installs("b", next: "y"), "y": installs("c", next: "x")],
            complaint: "next_cursor occurs a second time", requests: 4),
        Bad(
            testDescription: "a page that fails",
            pages: ["": installs("a", next: "x"), "x": installs("b").with("data", 1)],
            complaint: "data should be an array", requests: 2),
    ])
    func `R17: a list that can't go on ends with an error`(_ row: Bad) async throws {
        try await Fixture.run(Self.script(row.pages)) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.installs() }
            guard case .malformedAnswer(let what) = error?.cause else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(what.contains(row.complaint))
            #expect(fixture.server.requests.count <= row.requests)
        }
    }

    @Test func `R17: pages that never end and never bring anything new are stopped`() async throws {
        let script: ScriptedServer.Script = { .json(Self.installs("a", next: "c\($0.number)").text) }
        try await Fixture.run(script) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.installs() }
            #expect(error?.description.contains("pages without anything new") == true)
            #expect(fixture.server.requests.count < 20)
        }
    }

    @Test func `I2: a list of which one page can't be had is an error, not a shorter list`() async throws {
        let first = Self.installs("a", next: "x").text
        let script: ScriptedServer.Script = { request in
            request.target.contains("cursor") ? .json(#"{"message":"no"}"#, status: 403) : .json(first)
        }
        try await Fixture.run(script) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.installs() }
            #expect(error?.status == 403)
        }
    }

    @Test func `operations are read back to the last one known, and no page further`() async throws {
        func operations(_ names: String..., next: String?) -> JSONValue {
            Sample.page(names.map { Sample.operation.with("id", .string("op_\($0)")) }, next: next)
        }
        let pages = ["": operations("9", "8", next: "two"), "two": operations("7", "6", "5", next: "three")]
        try await Fixture.run(Self.script(pages)) { fixture in
            let some = try await fixture.client.operations(backTo: id("op_6"))
            #expect(some.map(\.id.text) == ["op_9", "op_8", "op_7", "op_6"])
            #expect(fixture.server.requests.count == 2)
            let newest = try await fixture.client.operations(backTo: id("op_9"))
            #expect(newest.map(\.id.text) == ["op_9"])
            #expect(fixture.server.requests.count == 3)
        }
    }

    @Test func `an operation that never comes makes the list complete`() async throws {
        try await Fixture.run(Self.script(["": Sample.page([Sample.operation])])) { fixture in
            let operations = try await fixture.client.operations(backTo: id("op_gone"))
            #expect(operations.count == 1)
        }
    }

    @Test(arguments: [
        (#""has_more":true,"next_cursor":"abc"}"#, "abc"), (#""next_cursor":"abc","has_more":true}"#, "abc"),
        (#" "has_more" : true , "next_cursor" : "a b" } "#, "a b"), (#""has_more":false,"next_cursor":"abc"}"#, nil),
        (#""has_more":true,"next_cursor":null}"#, nil), (#""has_more":true,"next_cursor":""}"#, nil),
        (#""has_more":true,"next_cursor":"a\"b"}"#, nil), (#""has_more":true,"next_cursor":"abc"#, nil),
        (#""has_more":true,"next_cursor":5}"#, nil), (#""next_cursor":"abc"}"#, nil), ("", nil), ("}", nil),
        (#""next_cursor":"inner","has_more":true},"next_cursor":"abc","has_more":true}"#, "abc"),
    ])
    func `a cursor is guessed from the end of a page only when it is plain to see`(_ tail: String, _ cursor: String?) {
        let body = Array((#"{"data":[{"a":1}],"# + tail).utf8)
        #expect(CursorGuess.next(in: body) == cursor)
        #expect(CursorGuess.next(in: Array(repeating: 0x20, count: 100_000) + body) == cursor)
    }

    @Test func `a wrong guess costs a request and changes nothing`() async throws {
        // The last members that look like the cursor belong to an item.
        let text =
            #"{"has_more":true,"next_cursor":"two","data":[\#(Sample.install.with("x", ["has_more": true, "next_cursor": "wrong"]).text)]}"#
        let pages = ["two": Self.installs("b").text]
        let script: ScriptedServer.Script = { request in
            if request.target.contains("cursor=two") { return .json(pages["two"] ?? "") }
            return request.target.contains("cursor=wrong") ? .json("{}", status: 400) : .json(text)
        }
        try await Fixture.run(script) { fixture in
            let installs = try await fixture.client.installs()
            #expect(installs.map(\.id.text) == ["inst_1", "inst_b"])
        }
    }
}
