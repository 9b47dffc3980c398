import JSON
import Manifests
import Testing

@Suite struct JSONDocumentTests {
    @Test(arguments: [
        #"{"a": [1, -0.5e3, {"b": null}], "c": true, "d": "x\"y\\", "e": {}, "f": [], "g": [ ], "h": { }}"#,
        #"{"emoji": "\ud83d\ude00", "é": "\u0000"}"#, "[]", "12", "\"x\"", " \n [ 1 ,\n2 ] ",
        #"{"\#(String(repeating: "k", count: 2_000))": 1}"#,
    ])
    func `reads what JSON means`(_ json: String) throws {
        let document = try YAMLReader.json(Array(json.utf8))
        var errors: [YAMLError] = []
        #expect(try document.root.json(errors: &errors) == JSONReader.read(json))
        #expect(errors.isEmpty)
    }

    @Test func `every key and value knows its place, in characters`() throws {
        let text = "{\n  \"é\": \"日本\", \"b\": [ 1,\n    {\"c\" : null}],\n \"d\": \"\\\"\" , \"e\": {\"f\": 1}}"
        let root = try YAMLReader.json(Array(text.utf8)).root
        #expect(root.mark == YAMLMark(line: 1, column: 1))
        #expect(root.entry("é")?.keyMark == YAMLMark(line: 2, column: 3))
        #expect(root["é"]?.mark == YAMLMark(line: 2, column: 8))
        #expect(root.entry("b")?.keyMark == YAMLMark(line: 2, column: 14))
        #expect(root["b"]?.items?.map(\.mark) == [YAMLMark(line: 2, column: 21), YAMLMark(line: 3, column: 5)])
        #expect(root["b"]?.items?[1]["c"]?.mark == YAMLMark(line: 3, column: 12))
        #expect(root.entry("d")?.keyMark == YAMLMark(line: 4, column: 2))
        #expect(root["e"]?["f"]?.mark == YAMLMark(line: 4, column: 25))
    }

    @Test(arguments: [
        (#"{"a": 1, "é": 2, "a": 3}"#, "1:18: the name 'a' occurs twice in one object"),
        ("{\"a\": 01}", "1:7: not a JSON number"),
        ("{\n  \"a\": nul\n}", "2:11: unexpected byte 0xa in JSON"),
        ("{'a': 1}", "1:2: unexpected character ''' in JSON"),
        ("[1,]", "1:4: unexpected character ']' in JSON"),
        ("[1] x", "1:5: something follows the end of the JSON value"),
        ("", "1:1: the JSON ends in the middle of a value"),
        (#"["\ud83d"]"#, "1:3: half of a surrogate pair stands alone"),
    ])
    func `refuses`(_ json: String, _ message: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLReader.json(Array(json.utf8)) }
        #expect(error?.description == message)
    }
}
