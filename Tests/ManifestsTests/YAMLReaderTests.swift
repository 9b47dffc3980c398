import JSON
import Manifests
import Testing

@Suite struct YAMLReaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var json: String

        init(_ testDescription: String, _ yaml: String, _ json: String) {
            self.testDescription = testDescription
            self.yaml = yaml
            self.json = json
        }
    }

    @Test(arguments: [
        Case("an alias is the value of its anchor", "a: &x {b: [1]}\nc: *x", #"{"a":{"b":[1]},"c":{"b":[1]}}"#),
        Case(
            "an anchor may be used twice, the later meaning wins", "a: &x 1\nb: *x\nc: &x 2\nd: *x",
            #"{"a":1,"b":1,"c":2,"d":2}"#),
        Case("an alias can be a key", "a: &x k\n*x : 1", #"{"a":"k","k":1}"#),
        Case(
            "keys are their own text", "8080: a\ntrue: b\n~: c\n1.10: d\n0x1F: e\n!!str 5: f",
            #"{"8080":"a","true":"b","~":"c","1.10":"d","0x1F":"e","5":"f"}"#),
        Case("a quoted empty key is a key", "'': 1", #"{"":1}"#),
        Case(
            "a merge key adds what is missing", "base: &b {a: 1, b: 2}\nx: {<<: *b, b: 3}",
            #"{"base":{"a":1,"b":2},"x":{"b":3,"a":1}}"#),
        Case(
            "the own value wins wherever the merge key stands", "x: {b: 3, <<: {b: 2, c: 1}}", #"{"x":{"b":3,"c":1}}"#),
        Case("of merged mappings the first wins", "x: {<<: [{a: 1}, {a: 2, b: 2}]}", #"{"x":{"a":1,"b":2}}"#),
        Case(
            "merges chain", "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}",
            #"{"a":{"x":1},"b":{"y":2,"x":1},"c":{"z":3,"y":2,"x":1}}"#),
        Case("a merge is not deep", "x: {<<: {a: {p: 1}}, a: {q: 2}}", #"{"x":{"a":{"q":2}}}"#),
        Case("merging nothing is fine", "x: {<<: [], a: 1}", #"{"x":{"a":1}}"#),
        Case("a quoted merge key is a key", "x: {'<<': 1, \"a\": 2}", #"{"x":{"<<":1,"a":2}}"#),
        Case("a merge key may carry its tag", "x: {!!merge <<: {a: 1}}", #"{"x":{"a":1}}"#),
        Case("a byte order mark is passed over", "\u{FEFF}a: 1", #"{"a":1}"#),
        Case("Windows line ends are line ends", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", #"{"a":1,"b":"x\ny\n"}"#),
        Case("JSON is read as flow", "{\"a\":[1,true,null],\"b\":\"x\"}", #"{"a":[1,true,null],"b":"x"}"#),
        Case("an empty text is null", "", "null"),
        Case("a comment alone is null", "# nothing\n", "null"),
        Case("YAML 1.2 may be declared", "%YAML 1.2\n---\na: no", #"{"a":"no"}"#),
        Case("block scalars keep their lines", "a: |-\n  x\n   y\nb: >\n  x\n  y\n", #"{"a":"x\n y","b":"x y\n"}"#),
        Case("a key without a value is null", "a:\nb: {c, d: 1}", #"{"a":null,"b":{"c":null,"d":1}}"#),
    ])
    func `reads`(_ row: Case) throws {
        let node = try YAMLReader.document(in: Array(row.yaml.utf8))
        var errors: [YAMLError] = []
        #expect(JSONWriter().text(of: node.json(errors: &errors)) == row.json)
        #expect(errors.isEmpty)
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var errors: [String]

        init(_ testDescription: String, _ yaml: String, _ errors: String...) {
            self.testDescription = testDescription
            self.yaml = yaml
            self.errors = errors
        }
    }

    @Test(arguments: [
        Failure(
            "a mapping that ends in the middle", "a: [1, 2\nb: 3\n",
            "2:2: did not find expected ',' or ']' while parsing a flow sequence that begins at 1:4"),
        Failure("two values on one line", "a: b: c", "1:5: mapping values are not allowed in this context"),
        Failure(
            "a tab as indentation", "a:\n\tb: 1",
            "2:1: found character that cannot start any token while scanning for the next token"),
        Failure(
            "an open quote", "a: 'x\nb: 1",
            "2:5: found unexpected end of stream while scanning a quoted scalar that begins at 1:4"),
        Failure(
            "half of a surrogate pair", #"a: "\ud83d""#,
            "1:7: found invalid Unicode character escape code while parsing a quoted scalar that begins at 1:4"),
        Failure(
            "a duplicate key", "a: 1\nb: 2\na: 3",
            "3:1: the key 'a' occurs twice in one mapping; it was first given at 1:1"),
        Failure(
            "a duplicate among many", (0..<40).map { "k\($0): 1\n" }.joined() + "  \nk7: 2",
            "42:1: the key 'k7' occurs twice in one mapping; it was first given at 8:1"),
        Failure(
            "a duplicate by another spelling", "8080: 1\n'8080': 2",
            "2:1: the key '8080' occurs twice in one mapping; it was first given at 1:1"),
        Failure(
            "every duplicate is reported", "{a: 1, a: 2, b: 1, b: 2}",
            "1:8: the key 'a' occurs twice in one mapping; it was first given at 1:2",
            "1:20: the key 'b' occurs twice in one mapping; it was first given at 1:14"),
        Failure(
            "two merge keys", "{<<: {a: 1}, <<: {b: 1}}",
            "1:14: the key '<<' occurs twice in one mapping; it was first given at 1:2"),
        Failure("a merge of text", "{<<: x}", "1:6: the value of '<<' is neither a mapping nor a list of mappings"),
        Failure(
            "a merge of a list with text", "{<<: [{a: 1}, x]}",
            "1:6: the value of '<<' is neither a mapping nor a list of mappings"),
        Failure("a list as a key", "? [a]\n: 1", "1:3: a key that is a list; only text can be a key"),
        Failure("a mapping as a key", "{{a: 1}: 2}", "1:2: a key that is a mapping; only text can be a key"),
        Failure("no key", "? \n: 1", "1:2: a value without a key"),
        Failure("an unknown alias", "é: *b", "1:4: the alias *b has no anchor before it"),
        Failure("an alias of another document", "a: &b 1\n---\na: *b", "3:4: the alias *b has no anchor before it"),
        Failure("an alias inside its own anchor", "a: &x [1, *x]", "1:11: the alias *x stands inside what it means"),
        Failure(
            "an own tag", "a: !vault x\nb: !!binary aGk=\nc: !foo {a: 1}\nd: !foo [1]",
            "1:4: the tag '!vault' can't stand on a scalar; " + tags,
            "2:4: the tag '!!binary' can't stand on a scalar; " + tags,
            "3:4: the tag '!foo' can't stand on a mapping; " + tags,
            "4:4: the tag '!foo' can't stand on a list; " + tags),
        Failure(
            "a tag that does not fit", "a: !!int x\nb: !!bool 'no'\nc: !!null 0\nd: !!int 1.5\ne: !!float a",
            "1:4: the tag !!int on text that is no int", "2:4: the tag !!bool on text that is no bool",
            "3:4: the tag !!null on text that is no null", "4:4: the tag !!int on text that is no int",
            "5:4: the tag !!float on text that is no float"),
        Failure(
            "a collection's tag on a scalar", "a: !!map x", "1:4: the tag '!!map' can't stand on a scalar; " + tags),
        Failure("a control character", "a: é\u{1}", "1:5: the character U+0001, which YAML does not allow"),
        Failure(
            "a line separator", "a: 1\nb: x\u{2028}y",
            #"2:5: the line break character U+2028; write it as "\u2028" in double quotes"#),
        Failure("NEL", "a: x\u{85}y", #"1:5: the line break character U+0085; write it as "\u0085" in double quotes"#),
        Failure("a newer YAML", "%YAML 1.3\n---\na: 1", "1:1: found incompatible YAML document"),
        Failure("a second document", "a: 1\n---\nb: 2", "3:1: a second document; only one is expected in this file"),
        Failure(
            "an escape in a key", "\"\\e[31m\": 1\n\"\\e[31m\": 2",
            #"2:1: the key '\u{1b}[31m' occurs twice in one mapping; it was first given at 1:1"#),
        Failure(
            "an error after others", "a: 1\na: 2\nb: [",
            "4:1: did not find expected node content while parsing a flow node"),
    ])
    func `refuses`(_ row: Failure) {
        let error = #expect(throws: YAMLErrors.self) { try YAMLReader.document(in: Array(row.yaml.utf8)) }
        #expect(error?.errors.map(\.description) == row.errors)
    }

    private static let tags =
        "only the tags of the core schema are read: !!str !!int !!float !!bool !!null !!map !!seq"

    struct Encoded: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var error: String
    }

    @Test(arguments: [
        Encoded(testDescription: "UTF-16 LE", bytes: [0xFF, 0xFE, 0x61, 0], error: utf16),
        Encoded(testDescription: "UTF-16 BE", bytes: [0xFE, 0xFF, 0, 0x61], error: utf16),
        Encoded(testDescription: "UTF-16 without a mark", bytes: [0x61, 0, 0x3A, 0], error: utf16),
        Encoded(testDescription: "UTF-32 LE", bytes: [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], error: utf32),
        Encoded(testDescription: "UTF-32 BE", bytes: [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61], error: utf32),
        Encoded(testDescription: "UTF-32 without a mark", bytes: [0x61, 0, 0, 0], error: utf32),
        Encoded(
            testDescription: "Latin-1", bytes: Array("a: é\nb: ".utf8) + [0xE9, 0x0A],
            error: "2:4: bytes that are no UTF-8; save the file as UTF-8"),
        Encoded(
            testDescription: "an encoded surrogate", bytes: [0x61, 0xED, 0xA0, 0x80],
            error: "1:2: bytes that are no UTF-8; save the file as UTF-8"),
        Encoded(
            testDescription: "a zero byte", bytes: Array("abcdef".utf8) + [0],
            error: "1:7: the character U+0000, which YAML does not allow"),
    ])
    func `refuses the encoding`(_ row: Encoded) {
        let error = #expect(throws: YAMLErrors.self) { try YAMLReader.document(in: row.bytes) }
        #expect(error?.description == row.error)
    }

    private static let utf16 = "1:1: the file is encoded in UTF-16; save it as UTF-8"
    private static let utf32 = "1:1: the file is encoded in UTF-32; save it as UTF-8"

    @Test func `every key and value knows its place, in characters`() throws {
        let root = try YAMLReader.document(in: Array("é: &x\n  - {k: v, 日本: [1]}\nb: *x\n".utf8))
        let first = try #require(root.entry("é"))
        #expect(first.keyMark == YAMLMark(line: 1, column: 1))
        #expect(first.value.mark == YAMLMark(line: 1, column: 4))
        let item = try #require(first.value.items?.first)
        #expect(item.mark == YAMLMark(line: 2, column: 5))
        #expect(item.entry("日本")?.keyMark == YAMLMark(line: 2, column: 12))
        #expect(item["日本"]?.mark == YAMLMark(line: 2, column: 16))
        #expect(root["b"]?.mark == YAMLMark(line: 1, column: 4))
    }

    @Test func `hands out many documents, each with its own errors`() throws {
        var seen: [String] = []
        try YAMLReader.read(Array("a: 1\n---\na: 1\na: 2\n...\n---\n# empty\n---\n[x]\n".utf8)) { document in
            seen.append("\(document.root.kind) \(document.errors.count)")
        }
        #expect(seen == ["a mapping 0", "a mapping 1", "nothing 0", "a list 0"])
    }
}
