import AkuaEmulator
import JSON
import TestSupport
import Testing

/// The arbiter has to find what is wrong, or a clean contract means nothing.
@Suite struct SchemaCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var schema: String
        var good: [String] = []
        var bad: [String] = []
    }

    @Test(arguments: [
        Case(
            testDescription: "a type", schema: #"{"type":"integer"}"#, good: ["1", "1.0"],
            bad: ["1.5", #""1""#, "null"]),
        Case(
            testDescription: "two types", schema: #"{"type":["string","null"]}"#, good: [#""x""#, "null"], bad: ["1"]),
        Case(
            testDescription: "lengths", schema: #"{"type":"string","minLength":1,"maxLength":2}"#,
            good: [#""a""#, #""ab""#], bad: [#""""#, #""abc""#]),
        Case(
            testDescription: "a pattern", schema: #"{"pattern":"^oci:\\/\\/"}"#, good: [#""oci://x""#], bad: [#""x""#]),
        Case(testDescription: "a URI", schema: #"{"format":"uri"}"#, good: [#""https://a/b""#], bad: [#""a b""#]),
        Case(
            testDescription: "bounds", schema: #"{"minimum":1,"maximum":9,"exclusiveMinimum":0}"#, good: ["1", "9"],
            bad: ["0", "10", "-3"]),
        Case(
            testDescription: "an enumeration", schema: #"{"enum":["a",null]}"#, good: [#""a""#, "null"], bad: [#""b""#]),
        Case(
            testDescription: "required and unknown members",
            schema: #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#,
            good: [#"{"a":"x"}"#], bad: ["{}", #"{"a":"x","b":1}"#, #"{"a":1}"#]),
        Case(
            testDescription: "free members", schema: #"{"type":"object","additionalProperties":{}}"#,
            good: [#"{"a":{"b":[1]}}"#], bad: ["[]"]),
        Case(
            testDescription: "members of one type", schema: #"{"additionalProperties":{"type":"string"}}"#,
            good: [#"{"a":"x"}"#], bad: [#"{"a":1}"#]),
        Case(
            testDescription: "a closed object", schema: #"{"properties":{"a":{}},"additionalProperties":false}"#,
            good: [#"{"a":1}"#], bad: [#"{"b":1}"#]),
        Case(
            testDescription: "items", schema: #"{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}"#,
            good: [#"["a"]"#], bad: ["[]", #"["a","b","c"]"#, "[1]"]),
        Case(
            testDescription: "any of two forms",
            schema: #"{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
            good: [#"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":1}"#], bad: ["{}", #"{"a":1,"c":1}"#]),
        Case(
            testDescription: "exactly one form", schema: #"{"oneOf":[{"type":"integer"},{"minimum":5}]}"#,
            good: ["1", "5.5"], bad: ["7", "1.5"]),
        Case(
            testDescription: "all forms",
            schema: ##"{"allOf":[{"$ref":"#/components/schemas/Name"},{"maxLength":3}]}"##,
            good: [#""abc""#], bad: [#""abcd""#, "1"]),
        Case(testDescription: "a reference to nothing", schema: ##"{"$ref":"#/components/schemas/No"}"##, bad: ["1"]),
    ])
    func `checks`(_ row: Case) throws {
        let components = try JSONReader.read(#"{"schemas":{"Name":{"type":"string"}}}"#)
        let check = SchemaCheck(components: components, forbidsUndeclared: true)
        let schema = try JSONReader.read(row.schema)
        for text in row.good { #expect(try check.violations(of: schema, in: JSONReader.read(text)) == [], "\(text)") }
        for text in row.bad { #expect(try check.violations(of: schema, in: JSONReader.read(text)) != [], "\(text)") }
    }

    @Test func `a wrong exchange is found`() throws {
        let document = try JSONReader.read(
            #"""
            {"paths":{"/things":{"post":{"operationId":"things.create",
              "parameters":[{"name":"idempotency-key","in":"header","required":true,"schema":{"maxLength":4}},
                {"name":"limit","in":"query","schema":{"type":"integer","maximum":9}}],
              "requestBody":{"required":true,"content":{"application/json":{"schema":
                {"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}},
              "responses":{"201":{"content":{"application/json":{"schema":
                {"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}}}}}}}}}
            """#)
        let contract = OpenAPIContract(document)
        var good = Exchange(
            method: "POST", path: "/v1/things", query: "limit=9", requestHeaders: [("idempotency-key", "k")],
            requestBody: Array(#"{"name":"x"}"#.utf8), status: 201, contentType: "application/json",
            responseBody: Array(#"{"id":"1"}"#.utf8), call: "things.create", isFaulty: false)
        #expect(contract.violations(in: good) == [])
        func violations(_ change: (inout Exchange) -> Void) -> Int {
            var bad = good
            change(&bad)
            return contract.violations(in: bad).count
        }
        #expect(violations { $0.query = "limit=10" } == 1)
        #expect(violations { $0.query = "colour=red" } == 1)
        #expect(violations { $0.requestHeaders = [] } == 1)
        #expect(violations { $0.requestHeaders = [("idempotency-key", "longer")] } == 1)
        #expect(violations { $0.requestBody = [] } == 1)
        #expect(violations { $0.requestBody = Array(#"{"name":"x","y":1}"#.utf8) } == 1)
        #expect(violations { $0.status = 200 } == 1)
        #expect(violations { $0.responseBody = Array(#"{"id":1}"#.utf8) } == 1)
        #expect(violations { $0.responseBody = Array(#"{"id":"1","more":1}"#.utf8) } == 1)
        #expect(violations { $0.responseBody = Array("<html>".utf8) } == 1)
        #expect(violations { $0.contentType = "text/html" } == 1)
        #expect(violations { $0.call = "things.unknown" } == 1)
        good.isFaulty = true
        #expect(violations { $0.status = 999 } == 0)
    }
}
