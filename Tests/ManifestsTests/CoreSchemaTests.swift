import JSON
import Manifests
import Testing

@Suite struct CoreSchemaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// What stands behind `value: `.
        var yaml: String
        /// The JSON it becomes, to the digit.
        var json: String

        init(_ yaml: String, _ json: String) {
            self.yaml = yaml
            self.json = json
        }
        var testDescription: String { "\(yaml) is \(json)" }
    }

    @Test(arguments: [
        Case("", "null"), Case("~", "null"), Case("null", "null"), Case("Null", "null"), Case("NULL", "null"),
        Case("nULL", #""nULL""#), Case("none", #""none""#), Case("'~'", #""~""#),
        Case("true", "true"), Case("True", "true"), Case("TRUE", "true"), Case("tRUE", #""tRUE""#),
        Case("false", "false"), Case("False", "false"), Case("FALSE", "false"), Case("\"true\"", #""true""#),
        Case("yes", #""yes""#), Case("no", #""no""#), Case("on", #""on""#), Case("off", #""off""#),
        Case("y", #""y""#), Case("N", #""N""#),
    ])
    func `null and booleans are exactly the core schema's words`(_ row: Case) throws { try check(row) }

    @Test(arguments: [
        Case("0", "0"), Case("12", "12"), Case("-12", "-12"), Case("+12", "12"), Case("-0", "-0"), Case("+0", "0"),
        Case("017", "17"), Case("-017", "-17"), Case("+017", "17"), Case("000", "0"), Case("-00", "0"),
        Case("0o17", "15"), Case("0o0", "0"), Case("0o8", #""0o8""#), Case("0o", #""0o""#), Case("0O17", #""0O17""#),
        Case("0x1F", "31"), Case("0xff", "255"), Case("0xg", #""0xg""#), Case("0x", #""0x""#), Case("0X1F", #""0X1F""#),
        Case("-0x1F", #""-0x1F""#), Case("+0o17", #""+0o17""#), Case("0b11", #""0b11""#), Case("1_000", #""1_000""#),
        Case("0xFFFFFFFFFFFFFFFFFFFF", "1208925819614629174706175"),
        Case("0o7777777777777777777777777777", "19342813113834066795298815"),
        Case("0x3B9ACA00", "1000000000"), Case("0xDE0B6B3A7640000", "1000000000000000000"),
        Case("9223372036854775808", "9223372036854775808"),
        Case(
            "12345678901234567890123456789012345678901234567890", "12345678901234567890123456789012345678901234567890"),
        Case("01000000000000000000000000", "1000000000000000000000000"),
    ])
    func `integers keep their digits, octal and hexadecimal become decimal`(_ row: Case) throws { try check(row) }

    @Test(arguments: [
        Case("1.10", "1.10"), Case("1e3", "1e3"), Case("1E3", "1E3"), Case("1e+3", "1e+3"), Case("-1.5e-7", "-1.5e-7"),
        Case("1E400", "1E400"), Case("0.10000000000000000000000001", "0.10000000000000000000000001"),
        Case(".5", "0.5"), Case("-.5", "-0.5"), Case("+.5", "0.5"), Case("1.", "1"), Case("-1.", "-1"),
        Case("+1.50", "1.5"), Case("01.50", "1.5"), Case("0.", "0"), Case(".0", "0"), Case("-.0", "0"),
        Case("1.e3", "1e3"), Case(".5e1", "5"), Case("+1e3", "1e3"), Case("+12e0", "12"), Case("+1.5e-9", "15e-10"),
        Case("00.001e2", "0.1"), Case("1e", #""1e""#), Case(".", #"".""#), Case("+", #""+""#), Case("-x", #""-x""#),
        Case("1.2.3", #""1.2.3""#), Case("1e3.5", #""1e3.5""#), Case("12:30:45", #""12:30:45""#),
        Case("2026-11-21", #""2026-11-21""#), Case("2026-11-21T10:00:00Z", #""2026-11-21T10:00:00Z""#),
        Case("1,000", #""1,000""#), Case("0.0.0.0/0", #""0.0.0.0/0""#), Case("١٢", #""١٢""#),
        Case("sha256:00ff", #""sha256:00ff""#), Case(".info", #"".info""#), Case(".inF", #"".inF""#),
    ])
    func `decimals keep their digits where JSON allows them, else the shortest exact form`(_ row: Case) throws {
        try check(row)
    }

    @Test(arguments: [
        Case("!!str 12", #""12""#), Case("!!str", #""""#), Case("! 12", #""12""#), Case("&a ! 12", #""12""#),
        Case("! true", #""true""#), Case("!!str ~", #""~""#), Case("! [1]", "[1]"), Case("! {a: 1}", #"{"a":1}"#),
        Case("!!int \"12\"", "12"), Case("!!int '0x1F'", "31"), Case("!!int 017", "17"), Case("!!float 12", "12"),
        Case("!!float '.5'", "0.5"), Case("!!bool \"true\"", "true"), Case("!!null ''", "null"),
        Case("!!null ~", "null"),
        Case("!!map {a: 1}", #"{"a":1}"#), Case("!!seq [1]", "[1]"),
        Case("!<tag:yaml.org,2002:str> 1", #""1""#), Case("'12'", #""12""#), Case("\"1.10\"", #""1.10""#),
        Case("|\n  12", "\"12\\n\""), Case(">-\n  true", #""true""#), Case("\"a\\u00e9\\n\\/\"", #""aé\n/""#),
    ])
    func `tags and quotes decide before the core schema does`(_ row: Case) throws { try check(row) }

    @Test(arguments: [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "!!float .inf", String(repeating: "1", count: 1_025)])
    func `a number that JSON can't hold is an error in values`(_ text: String) throws {
        let node = try #require(try YAMLReader.document(in: Array("value: \(text)".utf8))["value"])
        var errors: [YAMLError] = []
        #expect(node.json(errors: &errors) == .null)
        #expect(errors.map(\.code) == [.value])
        #expect(errors.first?.mark == YAMLMark(line: 1, column: 8))
    }

    @Test(arguments: ["1.10", "no", "017", "0x1F", "true", "2026-11-21", ".inf"])
    func `a field of type text takes the scalar's own text`(_ text: String) throws {
        #expect(try YAMLReader.document(in: Array("value: \(text)".utf8))["value"]?.text == text)
    }

    private func check(_ row: Case, at location: SourceLocation = #_sourceLocation) throws {
        let node = try #require(try YAMLReader.document(in: Array("value: \(row.yaml)\n".utf8))["value"])
        var errors: [YAMLError] = []
        let json = JSONWriter().text(of: node.json(errors: &errors))
        #expect(json == row.json, sourceLocation: location)
        #expect(errors.isEmpty, sourceLocation: location)
    }

    private typealias SourceLocation = Testing.SourceLocation
}
