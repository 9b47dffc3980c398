import JSON
import Testing

@testable import Manifests

/// Schemas that are refused, and what is said of them.
@Suite struct InputSchemaErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var schema: String
        var location: String
        var problem: InputSchemaError.Problem
        var testDescription: String { schema }

        init(_ schema: String, _ location: String, _ problem: InputSchemaError.Problem) {
            (self.schema, self.location, self.problem) = (schema, location, problem)
        }
    }

    private static let draft7 = #""$schema": "http://json-schema.org/draft-07/schema#""#

    @Test(arguments: [
        Case("1", "", .notASchema(kind: "a number")),
        Case("[]", "", .notASchema(kind: "an array")),
        Case(#"{"properties": {"a": "string"}}"#, "/properties/a", .notASchema(kind: "a string")),
        Case(
            #"{"properties": {"a": {"properties": {"b": {"type": "strin"}}}}}"#, "/properties/a/properties/b/type",
            .badKeyword(
                "type", expected: "one of null, boolean, object, array, number, integer and string, or a list of them")),
        Case(
            #"{"$defs": {"unused/one": {"minLength": -1}}}"#, "/$defs/unused~1one/minLength",
            .badKeyword("minLength", expected: "a whole number, 0 or more")),
        Case(#"{"maxItems": 1.5}"#, "/maxItems", .badKeyword("maxItems", expected: "a whole number, 0 or more")),
        Case(#"{"minimum": "1"}"#, "/minimum", .badKeyword("minimum", expected: "a number")),
        Case(
            #"{"exclusiveMinimum": true}"#, "/exclusiveMinimum", .badKeyword("exclusiveMinimum", expected: "a number")),
        Case(
            #"{"multipleOf": 0}"#, "/multipleOf",
            .badKeyword("multipleOf", expected: "a number above 0, of at most 36 digits")),
        Case(#"{"required": true}"#, "/required", .badKeyword("required", expected: "a list of names")),
        Case(#"{"required": [1]}"#, "/required", .badKeyword("required", expected: "a list of names")),
        Case(#"{"enum": "a"}"#, "/enum", .badKeyword("enum", expected: "a list of values")),
        Case(#"{"uniqueItems": "yes"}"#, "/uniqueItems", .badKeyword("uniqueItems", expected: "true or false")),
        Case(#"{"properties": []}"#, "/properties", .badKeyword("properties", expected: "an object of schemas")),
        Case(#"{"allOf": []}"#, "/allOf", .badKeyword("allOf", expected: "a list of schemas, at least one")),
        Case(#"{"anyOf": {}}"#, "/anyOf", .badKeyword("anyOf", expected: "a list of schemas, at least one")),
        Case(#"{"items": [{}]}"#, "/items", .listOfItems),
        Case(
            #"{"dependentRequired": {"a": "b"}}"#, "/dependentRequired",
            .badKeyword("dependentRequired", expected: "a list of names")),
        Case(#"{"pattern": "("}"#, "/pattern", .badPattern("(", reason: "a '(' is not closed")),
        Case(
            #"{"patternProperties": {"[": {}}}"#, "/patternProperties", .badPattern("[", reason: "a '[' is not closed")),
        Case(#"{"$ref": 1}"#, "/$ref", .badKeyword("$ref", expected: "a reference")),
        Case(##"{"$ref": "#/$defs/a"}"##, "/$ref", .danglingReference("#/$defs/a")),
        Case(##"{"$ref": "#a"}"##, "/$ref", .danglingReference("#a")),
        Case(##"{"$ref": "#%zz"}"##, "/$ref", .malformedReference("#%zz")),
        Case(
            #"{"$ref": "https://example.com/schema.json#/x"}"#, "/$ref",
            .unknownDocument("https://example.com/schema.json")),
        Case(
            #"{"$id": "https://example.com/a/b.json", "items": {"$ref": "c.json"}}"#, "/items/$ref",
            .unknownDocument("https://example.com/a/c.json")),
        Case(#"{"$id": 1}"#, "", .badKeyword("$id", expected: "a reference")),
        Case(##"{"$id": "a#b"}"##, "", .badKeyword("$id", expected: "a reference without a fragment")),
        Case(#"{"$anchor": "1"}"#, "", .badKeyword("$anchor", expected: "a name of letters, digits, '-', '_' and '.'")),
        Case(#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#, "/$defs/a", .duplicateIdentifier("#x")),
        Case(
            #"{"$defs": {"a": {"$id": "http://a/x"}, "b": {"$id": "http://a/x"}}}"#, "/$defs/a",
            .duplicateIdentifier("http://a/x")),
        Case(
            #"{"$schema": "http://json-schema.org/draft-04/schema#"}"#, "",
            .unknownDialect("http://json-schema.org/draft-04/schema#")),
        Case(#"{"$schema": 7}"#, "", .badKeyword("$schema", expected: "the address of a dialect")),
        Case("{\(draft7), \"additionalItems\": 1}", "/additionalItems", .notASchema(kind: "a number")),
        Case(
            "{\(draft7), \"dependencies\": []}", "/dependencies",
            .badKeyword("dependencies", expected: "an object of schemas and lists of names")),
    ])
    func `a bad schema is refused with the place and the reason`(_ row: Case) throws {
        let schema = try JSONReader.read(row.schema)
        let error = InputSchemaError(problem: row.problem, location: row.location)
        #expect(throws: error) { try InputSchema(compiling: schema) }
    }

    @Test func `an additional document's fault is told with its address`() throws {
        let error = #expect(throws: InputSchemaError.self) {
            try InputSchema(compiling: ["$ref": "http://a/b"], documents: ["http://a/b": ["items": 1]])
        }
        #expect(
            error?.description
                == "the schema at http://a/b#/items: a schema must be an object, true or false, not a number")
    }

    @Test(arguments: [
        (#"{"required": "a"}"#, "the schema at /required: required must be a list of names"),
        (
            #"{"$ref": "https://x.y/z"}"#,
            "the schema at /$ref: 'https://x.y/z' is not part of the schema, and nothing is fetched; move what it holds into $defs"
        ),
        ("null", "the schema: a schema must be an object, true or false, not null"),
        (
            #"{"items": []}"#,
            "the schema at /items: items must be one schema in draft 2020-12; call the list prefixItems, or declare \"$schema\": \"http://json-schema.org/draft-07/schema#\""
        ),
    ])
    func `an error reads as a sentence`(_ schema: String, _ expected: String) throws {
        let schema = try JSONReader.read(schema)
        let error = #expect(throws: InputSchemaError.self) { try InputSchema(compiling: schema) }
        #expect(error?.description == expected)
    }

    @Test func `I12: a schema nested too deep is refused`() {
        var schema: JSONValue = true
        for _ in 0..<500 { schema = ["not": schema] }
        let error = #expect(throws: InputSchemaError.self) { try InputSchema(compiling: schema) }
        #expect(error?.problem == .tooDeep(limit: InputSchema.depthMax))
    }

    @Test func `I12: a schema of too many parts is refused`() {
        let schema: JSONValue = ["allOf": .array(Array(repeating: [:], count: InputSchema.nodesMax))]
        let error = #expect(throws: InputSchemaError.self) { try InputSchema(compiling: schema) }
        #expect(error?.problem == .tooLarge(limit: InputSchema.nodesMax))
    }

    @Test func `a long chain of references is compiled without recursion`() throws {
        var definitions = JSONObject()
        for i in 0..<20_000 { definitions["d\(i)"] = ["$ref": .string("#/$defs/d\(i + 1)")] }
        definitions["d20000"] = ["type": "string"]
        _ = try InputSchema(compiling: ["$defs": .object(definitions)])
    }
}
