import JSON
import Testing

@testable import Manifests

/// I12: no schema and no value makes a check go on for ever.
@Suite struct InputSchemaLimitsTests {
    @Test(arguments: [
        ##"{"$ref": "#"}"##, ##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}"##, ##"{"not": {"$ref": "#"}}"##,
        ##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}}"##,
        ##"{"$dynamicRef": "#x", "$dynamicAnchor": "x"}"##,
    ])
    func `I12: a schema that refers to itself without end is told so`(_ schema: String) throws {
        let violations = try InputSchema(compiling: try JSONReader.read(schema)).validate(1)
        #expect(violations.map(\.demand) == [.endlessRecursion])
    }

    @Test func `I12: a schema of exponential work ends with a violation`() throws {
        // Each level tries the next one twice: 2^40 ways.
        var definitions = JSONObject()
        for i in 0..<40 {
            let next: JSONValue = ["$ref": .string("#/$defs/d\(i + 1)")]
            definitions["d\(i)"] = ["anyOf": [next, next]]
        }
        definitions["d40"] = false
        let schema = try InputSchema(compiling: ["$ref": "#/$defs/d0", "$defs": .object(definitions)])
        #expect(schema.validate(1).map(\.demand) == [.outOfSteps])
    }

    @Test func `I12: a pattern of exponential work ends with a violation`() throws {
        let schema = try InputSchema(compiling: ["properties": ["a": ["pattern": "^(a+)+$"]]])
        let violations = schema.validate(["a": .string(String(repeating: "a", count: 64) + "!")])
        #expect(violations.map(\.demand) == [.outOfSteps])
        #expect(violations.map(\.path) == [["a"]])
    }

    /// Work that one step would hide: each is cheap once, and asked for a hundred thousand times.
    @Test(arguments: [
        #"{"items": {"enum": [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]]}}"#,
        #"{"items": {"pattern": "^(a+)+$"}}"#, #"{"items": {"maxLength": 1e9}}"#,
        #"{"items": {"required": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u"]}}"#,
    ])
    func `I12: work that grows with a list or a text is counted as it grows`(_ schema: String) throws {
        let text = String(repeating: "a", count: 2_000)
        let items = Array(repeating: JSONValue.string(text), count: 100_000)
        let violations = try InputSchema(compiling: try JSONReader.read(schema)).validate(.array(items))
        #expect(violations.map(\.demand) == [.outOfSteps])
    }

    @Test func `ten thousand labels with a pattern are ordinary`() throws {
        let schema = try InputSchema(
            compiling: ["additionalProperties": ["pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"]])
        var labels = JSONObject()
        for i in 0..<10_000 { labels["label-\(i)"] = .string("value-\(i)") }
        #expect(schema.validate(.object(labels)).isEmpty)
    }

    @Test func `I12: a text too long for patterns is told so`() throws {
        let schema = try InputSchema(compiling: ["pattern": "^(a|b)*$"])
        #expect(schema.validate(.string(String(repeating: "ab", count: 32_768))).isEmpty)
        let violations = schema.validate(.string(String(repeating: "a", count: 65_537)))
        #expect(violations.map(\.demand) == [.searchableText(limit: 65_536)])
    }

    @Test func `I12: violations are told up to a number`() throws {
        let schema = try InputSchema(compiling: ["items": ["type": "string"]])
        let violations = schema.validate(.array(Array(repeating: 1, count: 10_000)))
        #expect(violations.count == InputSchema.violationsMax)
    }

    @Test func `a schema may refer to itself as deep as values go`() throws {
        let schema = try InputSchema(
            compiling: try JSONReader.read(
                ##"{"properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}, "additionalProperties": false}"##)
        )
        var value: JSONValue = ["n": "x"]
        for _ in 0..<127 { value = ["child": value, "n": 1] }
        let violations = schema.validate(value)
        #expect(violations.map(\.path.count) == [128])
        #expect(violations.first?.sentence == "must be a whole number, not a string")
    }

    @Test func `a schema is used from many threads at once`() async throws {
        let schema = try InputSchema(compiling: ["additionalProperties": ["pattern": "^[a-z]+$"]])
        await withTaskGroup(of: Int.self) { group in
            for i in 0..<32 {
                group.addTask { schema.validate(["a": "abc", "b": .string("A\(i)"), "c": .string("\(i)")]).count }
            }
            for await count in group { #expect(count == 2) }
        }
    }
}
