import JSON
import Testing

@testable import Manifests

/// What is told of a value that a schema refuses.
@Suite struct InputSchemaTests {
    /// A value and everything that is wrong with it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var schema: String
        var value: String
        var expected: [String]

        init(_ testDescription: String, _ schema: String, _ value: String, _ expected: String...) {
            (self.testDescription, self.schema, self.value) = (testDescription, schema, value)
            self.expected = expected
        }
    }

    private static let assertions = [
        Case("a valid value is told nothing", #"{"type": "object"}"#, "{}"),
        Case(
            "of the wrong type", #"{"properties": {"replicas": {"type": "integer"}}}"#, #"{"replicas": "three"}"#,
            "replicas: must be a whole number, not a string"),
        Case(
            "of none of the types", #"{"type": ["null", "string", "object"]}"#, "[]",
            "must be an object, a string or null, not an array"),
        Case(
            "a number of which no fraction is wanted", #"{"type": "integer"}"#, "1.5",
            "must be a whole number, not a number with a fraction"),
        Case(
            "the wrong type is told alone", #"{"type": "string", "enum": ["a"], "minLength": 3}"#, "1",
            "must be a string, not a number"),
        Case(
            "none of the values", #"{"enum": ["ClusterIP", "NodePort", 3, null]}"#, #""secret""#,
            #"must be "ClusterIP", "NodePort", 3 or null"#),
        Case(
            "none of many values", #"{"enum": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"#, "0",
            "must be 1, 2, 3, 4, 5, 6, 7, 8 or one of 2 more"),
        Case("not the constant", #"{"const": {"a": 1}}"#, "{}", #"must be {"a":1}"#),
        Case("too small", #"{"minimum": 1.10}"#, "1.0999999999999999999999", "must be at least 1.10"),
        Case(
            "too large", #"{"maximum": 12345678901234567890}"#, "12345678901234567891",
            "must be at most 12345678901234567890"),
        Case(
            "on the edge", #"{"exclusiveMinimum": 0, "exclusiveMaximum": 0}"#, "0", "must be more than 0",
            "must be less than 0"),
        Case("no multiple", #"{"multipleOf": 0.01}"#, "0.005", "must be a multiple of 0.01"),
        Case("a text too short", #"{"minLength": 2}"#, #""é""#, "must have at least 2 characters"),
        Case("a text too long", #"{"maxLength": 1}"#, #""ab""#, "must have at most 1 character"),
        Case("a text that does not match", #"{"pattern": "^[a-z]+$"}"#, #""A""#, "must match the pattern '^[a-z]+$'"),
        Case(
            "too few and too many items", #"{"properties": {"a": {"minItems": 2}, "b": {"maxItems": 0}}}"#,
            #"{"a": [1], "b": [1]}"#, "a: must have at least 2 items", "b: must have no item"),
        Case(
            "equal items", #"{"uniqueItems": true}"#, #"[{"a": 1, "b": 2}, 3, {"b": 2.0, "a": 1}]"#,
            "must have no equal items, but items 0 and 2 are"),
        Case(
            "missing properties, each told", #"{"required": ["image", "tag", "name"]}"#, #"{"tag": 1}"#,
            "must have the property 'image'", "must have the property 'name'"),
        Case(
            "a property that another one needs", #"{"dependentRequired": {"tls": ["secret", "host"]}}"#,
            #"{"tls": 1, "host": 2}"#, "must have the property 'secret', since it has 'tls'"),
        Case("too few properties", #"{"minProperties": 2}"#, #"{"a": 1}"#, "must have at least 2 properties"),
    ]

    private static let applicators = [
        Case(
            "an unknown property, with the one that was meant",
            #"{"properties": {"replicas": {}, "image": {}}, "additionalProperties": false}"#,
            #"{"replcas": 1, "zone": 2}"#,
            "replcas: is no property that the schema knows; did you mean 'replicas'?",
            "zone: is no property that the schema knows"),
        Case(
            "an additional property of the wrong type", #"{"additionalProperties": {"type": "string"}}"#, #"{"a": {}}"#,
            "a: must be a string, not an object"),
        Case(
            "a property that is forbidden", #"{"properties": {"old": false}}"#, #"{"old": 1}"#, "old: must not be set"),
        Case(
            "a property by pattern", #"{"patternProperties": {"^x-": {"type": "string"}}}"#, #"{"x-a": 1, "y": 1}"#,
            "x-a: must be a string, not a number"),
        Case(
            "a name that does not fit", #"{"propertyNames": {"maxLength": 3}}"#, #"{"abcd": 1}"#,
            "abcd: has a name that does not fit: it must have at most 3 characters"),
        Case(
            "a place deep down", #"{"properties": {"a": {"items": {"properties": {"b": {"type": "null"}}}}}}"#,
            #"{"a": [{}, {"b": 1}]}"#, "a.1.b: must be null, not a number"),
        Case(
            "items beyond the known ones", #"{"prefixItems": [true], "items": false}"#, "[1, 2]",
            "must have at most 1 item"),
        Case("no item that matches", #"{"contains": {"const": 1}}"#, "[2]", "must have at least 1 matching item"),
        Case(
            "too many items that match", #"{"contains": {"const": 1}, "maxContains": 1}"#, "[1, 1]",
            "must have at most 1 matching item"),
        Case(
            "what is excluded", #"{"not": {"required": ["a"]}}"#, #"{"a": 1}"#,
            "must not be what the schema excludes here"),
        Case("the schema false", "false", "1", "is not allowed here"),
        Case(
            "of a condition the branch that applies",
            #"{"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]}, "else": {"required": ["y"]}}"#,
            #"{"kind": "b"}"#, "must have the property 'y'"),
        Case(
            "all of allOf", #"{"allOf": [{"required": ["a"]}, {"required": ["b"]}]}"#, "{}",
            "must have the property 'a'",
            "must have the property 'b'"),
        Case(
            "through a reference", ##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}"##, "1",
            "must be a string, not a number"),
        Case(
            "properties that no branch has looked at",
            #"{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}"#, #"{"a": 1, "b": 2}"#,
            "b: is no property that the schema knows"),
        Case(
            "items that no branch has looked at", #"{"allOf": [{"prefixItems": [true]}], "unevaluatedItems": false}"#,
            "[1, 2]",
            "1: is not allowed here"),
        Case(
            "a branch that failed hides nothing behind it",
            #"{"anyOf": [{"properties": {"a": {"type": "null"}}, "required": ["a"]}], "unevaluatedProperties": false}"#,
            #"{"a": 1}"#, "a: must be null, not a number"),
        Case(
            "a value that is to be a schema", #"{"$ref": "http://json-schema.org/draft-07/schema#"}"#, #"{"type": 1}"#,
            "type: must be one of null, boolean, object, array, number, integer and string, or a list of them, as JSON Schema has it"
        ),
    ]

    private static let alternatives = [
        Case(
            "types of the alternatives make one list",
            #"{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}"#, "[]",
            "must be a string, a whole number or null, not an array"),
        Case(
            "the alternative of the right type is meant",
            #"{"anyOf": [{"type": "string"}, {"type": "object", "properties": {"port": {"type": "integer"}}, "required": ["host"]}]}"#,
            #"{"port": "a"}"#, "must have the property 'host'", "port: must be a whole number, not a string"),
        Case(
            "the alternative whose constant is met is meant",
            #"{"oneOf": [{"properties": {"kind": {"const": "a"}, "x": {"type": "string"}, "y": {"type": "string"}}, "required": ["kind"]},"#
                + #" {"properties": {"kind": {"const": "b"}}, "additionalProperties": false}]}"#,
            #"{"kind": "a", "x": 1, "y": 2}"#, "x: must be a string, not a number", "y: must be a string, not a number"),
        Case(
            "the nearer alternative is meant", #"{"anyOf": [{"required": ["a", "b", "c"]}, {"required": ["d"]}]}"#,
            "{}",
            "must have the property 'd'"),
        Case(
            "alternatives that are equally near are told both",
            #"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#, "{}",
            "must have the property 'a'; or must have the property 'b'"),
        Case(
            "an alternative's place is told",
            #"{"properties": {"p": {"anyOf": [{"properties": {"a": {"minimum": 1}}}, {"properties": {"a": {"maximum": -1}}}]}}}"#,
            #"{"p": {"a": 0}}"#, "p: 'a' must be at least 1; or 'a' must be at most -1"),
        Case(
            "more alternatives than anyone reads",
            #"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}, {"required": ["d"]}, {"required": ["e"]}]}"#,
            "{}",
            "must have the property 'a'; or must have the property 'b'; or must have the property 'c'; or must have the property 'd'; "
                + "or fit one of 1 more alternatives"),
        Case(
            "more than one of oneOf", #"{"oneOf": [{"type": "integer"}, {"type": "string"}, {"minimum": 0}]}"#, "1",
            "must fit one alternative only, but fits number 1 and number 3"),
        Case(
            "a nested choice",
            #"{"anyOf": [{"type": "null"}, {"anyOf": [{"type": "object", "required": ["x"]}, {"type": "string"}]}]}"#,
            "{}", "must have the property 'x'"),
    ]

    @Test(arguments: assertions + applicators + alternatives)
    func `it is told what is wrong, and where`(_ row: Case) throws {
        let schema = try InputSchema(compiling: try JSONReader.read(row.schema))
        let told = schema.validate(try JSONReader.read(row.value)).map(\.description)
        #expect(told == row.expected)
    }

    @Test(
        arguments: [
            (#"{"properties": {"a/b": {"type": "string"}}}"#, #"{"a/b": 1}"#, ["a/b"], "/properties/a~1b/type"),
            (##"{"$ref": "#/$defs/x", "$defs": {"x": {"required": ["r"]}}}"##, "{}", [], "/$defs/x/required"),
            (#"{"items": {"minimum": 3}}"#, "[3, 2]", ["1"], "/items/minimum"),
            (#"{"additionalProperties": false}"#, #"{"x": 1}"#, ["x"], "/additionalProperties"),
            (#"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#, "{}", [], "/anyOf"),
            (#"{"prefixItems": [true], "items": false}"#, "[1, 2]", [], "/items"),
            (#"{"$ref": "http://example.com/other"}"#, "1", [], "http://example.com/other#/type"),
            (#"{"properties": {"a": {"items": false}}}"#, #"{"a": [1]}"#, ["a"], "/properties/a/items"),
            (#"{"dependencies": {"a": ["b"]}}"#, #"{"a": 1}"#, [], "/dependencies"),
            (#"{"allOf": [false]}"#, "1", [], "/allOf/0"),
            (#"{"oneOf": [true, true]}"#, "1", [], "/oneOf"),
        ] as [(String, String, [String], String)])
    func `a violation names its place and its keyword`(
        _ schema: String, _ value: String, _ path: [String], _ keyword: String
    ) throws {
        let schema = try InputSchema(
            compiling: try JSONReader.read(schema), documents: ["http://example.com/other": ["type": "string"]])
        let violation = try #require(schema.validate(try JSONReader.read(value)).first)
        #expect(violation.path == path)
        #expect(violation.keywordLocation == keyword)
    }

    /// No value of an install may reach a log (I11).
    @Test func `I11: what is told never holds a value`() throws {
        let canary = "f3b1c9d2a7e84f60b5d19c3e7a204d8f"
        let schemas = (Self.assertions + Self.applicators + Self.alternatives).map(\.schema)
        var told = 0
        for text in schemas {
            let schema = try InputSchema(compiling: try JSONReader.read(text))
            for value: JSONValue in [
                .string(canary), [.string(canary), .string(canary)],
                ["replicas": .string(canary), "a": .string(canary)], ["pattern": .string(canary + "(")],
                ["type": .string(canary), "$ref": .string("#/" + canary)],
            ] {
                for violation in schema.validate(value) {
                    told += 1
                    #expect(!violation.description.contains(canary))
                }
            }
        }
        #expect(told > 50)
    }

    @Test func `names of strangers can break no line`() throws {
        let schema = try InputSchema(compiling: ["additionalProperties": false])
        let violation = try #require(schema.validate(["a\n\u{1B}[31mb": 1]).first)
        #expect(violation.description == "a\\u{a}\\u{1b}[31mb: is no property that the schema knows")
    }
}
