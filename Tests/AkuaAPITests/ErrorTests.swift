import AkuaModel
import JSON
import TestSupport
import Testing

@testable import AkuaAPI

@Suite struct ErrorTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var body: String
        var codes: [String] = []
        var messages: [String] = []
        var fields: [String] = []

        init(_ body: String, codes: [String] = [], messages: [String] = [], fields: [String] = []) {
            testDescription = body
            self.body = body
            self.codes = codes
            self.messages = messages
            self.fields = fields
        }
    }

    @Test(arguments: [
        Case(
            #"{"error":{"code":"conflict","message":"already there"}}"#, codes: ["conflict"],
            messages: ["already there"]),
        Case(
            #"{"success":false,"errors":[{"code":7002,"message":"no such region","path":["body","region_id"]}],"result":{}}"#,
            codes: ["7002"], messages: ["no such region"], fields: ["body.region_id"]),
        Case(
            #"{"success":false,"errors":[{"code":1,"message":"a"},{"code":2,"message":"b","path":["body","sources",0]}],"result":{}}"#,
            codes: ["1", "2"], messages: ["a", "b"], fields: ["body.sources.0"]),
        Case(
            #"{"success":false,"errors":[{"code":409,"message":"ABORTED","metadata":{"current_etag":"43","x":"y"}}],"result":{}}"#,
            codes: ["409"], messages: ["ABORTED", "current_etag is 43"]),
        Case(#"{"message":"slow down"}"#, messages: ["slow down"]),
        Case(#"{"code":"x","message":"y"}"#, codes: ["x"], messages: ["y"]),
        Case(#"{"error":"broken"}"#, messages: ["broken"]),
        Case(#"{"errors":["one",{"code":true,"message":5},"two"]}"#, messages: ["one", "two"]),
        Case(#"{"message":"line\nbreak\u0000 \u001b[31mred\u202e"}"#, messages: ["line break   [31mred "]),
    ])
    func `every envelope of the platform is understood`(_ row: Case) throws {
        let envelope = try #require(ErrorEnvelope(body: Array(row.body.utf8)))
        #expect(envelope.codes == row.codes)
        #expect(envelope.messages == row.messages)
        #expect(envelope.fields == row.fields)
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "<html><h1>502 Bad Gateway</h1></html>", "upstream timed out", #"{"success":false}"#,
        #"{"errors":[]}"#, #"{"errors":{}}"#, #"{"error":null}"#, #"{"message":{}}"#, "{\"message\":\"cut",
    ])
    func `anything else is nobody's envelope`(_ body: String) {
        #expect(ErrorEnvelope(body: Array(body.utf8)) == nil)
    }

    @Test func `I12: an envelope is taken in up to a bound`() throws {
        let entry = #"{"code":1,"message":"\#(String(repeating: "x", count: 5_000))"}"#
        let body = #"{"errors":[\#(Array(repeating: entry, count: 100).joined(separator: ","))]}"#
        let envelope = try #require(ErrorEnvelope(body: Array(body.utf8)))
        #expect(envelope.messages.count == 8)
        #expect(envelope.messages.allSatisfy { $0.count == 500 })
    }

    @Test(arguments: [
        (401, APIError.Disposition.unauthorized), (403, .unauthorized), (404, .rejected), (400, .rejected),
        (422, .rejected),
        (409, .replan), (412, .replan), (408, .retry), (425, .retry), (429, .retry), (500, .retry), (503, .retry),
        (301, .retry), (307, .retry),
    ])
    func `a status says what to do next`(_ status: Int, _ disposition: APIError.Disposition) {
        #expect(
            APIError(cause: .refused(status: status), call: "x", mayHaveTakenEffect: false).disposition == disposition)
    }

    @Test func `an error is one sentence that names call, cause, code and place`() {
        var refused = APIError(cause: .refused(status: 422), call: "installs.create", mayHaveTakenEffect: false)
        refused.codes = ["7003"]
        refused.messages = ["no such region"]
        refused.fields = ["body.region_id"]
        #expect("\(refused)" == "installs.create was refused with status 422 (7003): no such region [body.region_id]")
        let lost = APIError(
            cause: .unreachable("connecting failed: refused"), call: "installs.create", mayHaveTakenEffect: true)
        #expect(
            "\(lost)"
                == "installs.create got no answer: connecting failed: refused; it may have taken effect all the same")
        let odd = APIError(cause: .malformedAnswer("etag is missing"), call: "installs.get", mayHaveTakenEffect: false)
        #expect("\(odd)" == "installs.get got an answer that can't be right: etag is missing")
        let token = APIError(cause: .refused(status: 401), call: "workspaces.list", mayHaveTakenEffect: false)
        #expect("\(token)" == "workspaces.list was refused with status 401; the token is wrong, expired or revoked")
    }

    @Test func `I11: neither the token nor a body is in an error, whatever the platform says`() async throws {
        let body = #"{"message":"you sent Bearer \#(Fixture.token) to us"}"#
        try await Fixture.run({ _ in .json(body, status: 422) }) { fixture in
            let write = Write(
                call: .createInstall, body: Array(#"{"password":"hunter2"}"#.utf8), idempotencyKey: "k", ifMatch: nil)
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(write) }
            let texts = ["\(String(describing: error))", String(reflecting: error), "\(fixture.attempts)"]
            for text in texts {
                #expect(!text.contains(Fixture.token) && !text.contains("hunter2"))
            }
            #expect(error?.messages == ["you sent Bearer <redacted> to us"])
        }
    }

    @Test func `I11: a secret can't be printed, dumped or reflected`() {
        let secret = Secret("sk_akua_topsecret")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["a": secret], to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription, dumped,
            "\([secret])", "\(Optional(secret) as Any)",
        ]
        for text in texts { #expect(!text.contains("topsecret")) }
        #expect(secret.reveal() == "sk_akua_topsecret")
        #expect(secret == Secret("sk_akua_topsecret"))
    }
}
