import JSON
import Testing

@Suite struct JSONReaderTests {
    struct Accepted: CustomTestStringConvertible {
        var text: String
        var value: JSONValue
        var testDescription: String { text }

        init(_ text: String, _ value: JSONValue) {
            self.text = text
            self.value = value
        }
    }

    @Test(arguments: [
        Accepted("null", .null), Accepted("true", true), Accepted("false", false), Accepted("0", 0),
        Accepted(" \t\r\n 1 \n", 1), Accepted("[]", []), Accepted("[ ]", []), Accepted("{}", [:]), Accepted("{ }", [:]),
        Accepted("[null,1,\"1\",{}]", [nil, 1, "1", [:]]), Accepted("[1 , 2]", [1, 2]),
        Accepted(#"{"a":{"b":[{"c":null}]}}"#, ["a": ["b": [["c": nil]]]]),
        Accepted(#"{ "a" : 1 , "b" : 2 }"#, ["a": 1, "b": 2]), Accepted(#"{"":0}"#, ["": 0]),
        Accepted(#""""#, ""), Accepted(#""plain""#, "plain"), Accepted(#""é€😀""#, "é€😀"),
        Accepted(#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"), Accepted(#""\u0041\u00e9\u20AC""#, "Aé€"),
        Accepted(#""\ud83d\ude00""#, "😀"), Accepted(#""\uD83D\uDE00x\uD83D\uDE00""#, "😀x😀"),
        Accepted(#""\u0000""#, "\0"), Accepted(#""\uFFFF""#, "\u{FFFF}"), Accepted("\"\u{7F}\"", "\u{7F}"),
        Accepted("\"\u{2028}\"", "\u{2028}"), Accepted(#""before\nafter""#, "before\nafter"),
        Accepted(#""\\u0041""#, #"\u0041"#), Accepted(#"{"a":1,"A":2,"\u0061b":3}"#, ["a": 1, "A": 2, "ab": 3]),
    ])
    func `reads what RFC 8259 allows`(_ row: Accepted) throws {
        #expect(try JSONReader.read(row.text) == row.value)
    }

    struct Rejected: CustomTestStringConvertible {
        var text: String
        var problem: JSONSyntaxError.Problem
        var offset: Int
        var testDescription: String { text }

        init(_ text: String, _ problem: JSONSyntaxError.Problem, at offset: Int) {
            self.text = text
            self.problem = problem
            self.offset = offset
        }
    }

    private static func byte(_ scalar: Unicode.Scalar) -> JSONSyntaxError.Problem {
        .unexpectedByte(UInt8(ascii: scalar))
    }

    @Test(arguments: [
        Rejected("", .unexpectedEnd, at: 0), Rejected("  ", .unexpectedEnd, at: 2),
        Rejected("[", .unexpectedEnd, at: 1),
        Rejected("[1", .unexpectedEnd, at: 2), Rejected("[1,", .unexpectedEnd, at: 3),
        Rejected("{", .unexpectedEnd, at: 1), Rejected(#"{"a""#, .unexpectedEnd, at: 4),
        Rejected(#"{"a":"#, .unexpectedEnd, at: 5), Rejected(#"{"a":1"#, .unexpectedEnd, at: 6),
        Rejected(#"{"a":1,"#, .unexpectedEnd, at: 7), Rejected("\"abc", .unexpectedEnd, at: 4),
        Rejected(#""abc\"#, .unexpectedEnd, at: 5), Rejected(#""\u12"#, .unexpectedEnd, at: 5),
        Rejected("tru", .unexpectedEnd, at: 3), Rejected("nul", .unexpectedEnd, at: 3),
        Rejected("[1,]", byte("]"), at: 3), Rejected("[,1]", byte(","), at: 1), Rejected("[1 2]", byte("2"), at: 3),
        Rejected("[1;2]", byte(";"), at: 2), Rejected("{,}", byte(","), at: 1),
        Rejected(#"{"a":1,}"#, byte("}"), at: 7),
        Rejected(#"{"a" 1}"#, byte("1"), at: 5), Rejected(#"{"a":}"#, byte("}"), at: 5),
        Rejected(#"{"a":1 "b":2}"#, byte("\""), at: 7), Rejected("{a:1}", byte("a"), at: 1),
        Rejected("{'a':1}", byte("'"), at: 1), Rejected("{1:1}", byte("1"), at: 1),
        Rejected("{null:1}", byte("n"), at: 1),
        Rejected("]", byte("]"), at: 0), Rejected("}", byte("}"), at: 0), Rejected("[}", byte("}"), at: 1),
        Rejected("{]", byte("]"), at: 1), Rejected(":", byte(":"), at: 0), Rejected("'a'", byte("'"), at: 0),
        Rejected("True", byte("T"), at: 0), Rejected("trUe", byte("U"), at: 2), Rejected("nil", byte("i"), at: 1),
        Rejected("NaN", byte("N"), at: 0), Rejected("Infinity", byte("I"), at: 0), Rejected("+1", byte("+"), at: 0),
        Rejected(".5", byte("."), at: 0), Rejected("/* */1", byte("/"), at: 0), Rejected("//\n1", byte("/"), at: 0),
        Rejected("-", .badNumber, at: 0), Rejected("--1", .badNumber, at: 0), Rejected("-a", .badNumber, at: 0),
        Rejected("01", .badNumber, at: 0), Rejected("-01", .badNumber, at: 0), Rejected("1.", .badNumber, at: 0),
        Rejected("1.e1", .badNumber, at: 0), Rejected("1e", .badNumber, at: 0), Rejected("1e+", .badNumber, at: 0),
        Rejected("1.2.3", .badNumber, at: 0), Rejected("1e2e3", .badNumber, at: 0), Rejected("1-2", .badNumber, at: 0),
        Rejected("[1,1.]", .badNumber, at: 3), Rejected("0x1F", .trailingBytes, at: 1),
        Rejected("1_000", .trailingBytes, at: 1), Rejected("1 2", .trailingBytes, at: 2),
        Rejected("{}{}", .trailingBytes, at: 2), Rejected("null,", .trailingBytes, at: 4),
        Rejected("truefalse", .trailingBytes, at: 4), Rejected("[]\0", .trailingBytes, at: 2),
        Rejected("\"a\"x", .trailingBytes, at: 3), Rejected("\u{FEFF}1", .unexpectedByte(0xEF), at: 0),
        Rejected("\"a\nb\"", .unexpectedByte(0x0A), at: 2), Rejected("\"a\tb\"", .unexpectedByte(0x09), at: 2),
        Rejected("\"\\n\u{01}\"", .unexpectedByte(0x01), at: 3), Rejected("\"\0\"", .unexpectedByte(0), at: 1),
        Rejected("\u{A0}1", .unexpectedByte(0xC2), at: 0), Rejected("[\u{0B}1]", .unexpectedByte(0x0B), at: 1),
        Rejected(#""\x41""#, .badEscape, at: 1), Rejected(#""\a""#, .badEscape, at: 1),
        Rejected(#""\'""#, .badEscape, at: 1),
        Rejected(#""\U0041""#, .badEscape, at: 1), Rejected(#""\u00g0""#, .badEscape, at: 3),
        Rejected(#""\u+041""#, .badEscape, at: 3), Rejected(#""\u 041""#, .badEscape, at: 3),
        Rejected(#""\ud800""#, .loneSurrogate, at: 1), Rejected(#""\udc00""#, .loneSurrogate, at: 1),
        Rejected(#""\ud800\ud800""#, .loneSurrogate, at: 1), Rejected(#""\ud800\n""#, .loneSurrogate, at: 1),
        Rejected(#""\ud800x""#, .loneSurrogate, at: 1), Rejected(#""a\ude00\ud83d""#, .loneSurrogate, at: 2),
        Rejected(#"{"a":1,"a":1}"#, .duplicateName("a"), at: 7),
        Rejected(#"{"a":1,"\u0061":2}"#, .duplicateName("a"), at: 7),
        Rejected(#"{"x":{"":1,"":2}}"#, .duplicateName(""), at: 11),
    ])
    func `refuses what RFC 8259 does not allow, and says where`(_ row: Rejected) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(row.text) }
        #expect(error?.problem == row.problem)
        #expect(error?.offset == row.offset)
    }

    struct BadText: CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    @Test(arguments: [
        BadText("a lone continuation byte", [0x80]), BadText("a sequence that ends early", [0xE2, 0x82]),
        BadText("an overlong slash", [0xC0, 0xAF]), BadText("an overlong NUL", [0xE0, 0x80, 0x80]),
        BadText("an encoded surrogate", [0xED, 0xA0, 0x80]), BadText("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
        BadText("0xFF", [0xFF]), BadText("Latin-1", [0xE9, 0x74, 0xE9]),
    ])
    func `refuses bytes that are no UTF-8, in names and values, with escapes and without`(_ row: BadText) {
        let quote = UInt8(ascii: "\"")
        for prefix in [[], Array(#"\n"#.utf8)] {
            let string = [quote] + prefix + row.bytes + [quote]
            for text in [
                string, Array("{".utf8) + string + Array(":1}".utf8), Array("[1,".utf8) + string + Array("]".utf8),
            ] {
                let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(text) }
                #expect(error?.problem == .badUTF8)
            }
        }
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read(row.bytes) }
    }

    @Test func `an error tells line and column`() {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read("{\n  \"a\": [1,\n    oops]\n}") }
        #expect(error?.line == 3)
        #expect(error?.column == 5)
        #expect(error?.description == "line 3, column 5: unexpected character 'o' in JSON")
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func `nests as deep as the limit and no deeper`(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth - 1) + "[]" + String(repeating: close, count: depth - 1)
        }
        _ = try JSONReader.read(nested(128))
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(nested(129)) }
        #expect(error?.problem == .tooDeep(limit: 128))
        // Far beyond what a stack would bear.
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read(String(repeating: open, count: 1_000_000)) }
    }

    @Test func `siblings do not add up to depth`() throws {
        let text = "[" + Array(repeating: "[[]]", count: 1_000).joined(separator: ",") + "]"
        #expect(try JSONReader.read(text, limits: JSONReader.Limits(depthMax: 3)).array?.count == 1_000)
    }

    @Test func `stops at the limits of bytes and of values`() throws {
        let limits = JSONReader.Limits(bytesMax: 10, valuesMax: 4)
        _ = try JSONReader.read("[1,2,3]", limits: limits)
        let tooMany = #expect(throws: JSONSyntaxError.self) { try JSONReader.read("[1,2,3,4]", limits: limits) }
        #expect(tooMany?.problem == .tooManyValues(limit: 4))
        let tooLarge = #expect(throws: JSONSyntaxError.self) { try JSONReader.read("[1,2,3]    ", limits: limits) }
        #expect(tooLarge?.problem == .tooLarge(limit: 10))
    }

    @Test func `a text cut off anywhere is an error and nothing worse`() {
        let text = Array(#"{"a":[1,-2.5e+3,true,null,"x\ud83d\ude00é"],"b":{"c":"\\"}}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONSyntaxError.self) { try JSONReader.read(Array(text[..<count])) }
        }
    }

    @Test func `a text with any byte replaced by any other is read or refused, never a crash`() {
        let text = Array(#"{"a":[1,-2.5e+3,true,null,"x\ud83dé"],"b":{}}"#.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                _ = try? JSONReader.read(changed)  // Either outcome is right; a trap is not.
            }
        }
    }

    @Test func `a large table of objects comes back as it was`() throws {
        let rows = (0..<2_000).map { #"{"id":"row_\#($0)","n":\#($0),"on":\#($0 % 2 == 0),"tags":["a\n","é"]}"# }
        let table = try #require(try JSONReader.read("[" + rows.joined(separator: ",") + "]").array)
        #expect(table.count == 2_000)
        #expect(table[1_999]["id"] == "row_1999")
        #expect(table[1_999]["n"]?.number?.int == 1_999)
        #expect(JSONWriter().text(of: .array(table)) == "[" + rows.joined(separator: ",") + "]")
    }

    @Test func `an object of many members finds each, and a duplicate among them`() throws {
        let members = (0..<5_000).map { #""name\#($0)":\#($0)"# }
        let object = try #require(try JSONReader.read("{" + members.joined(separator: ",") + "}").object)
        #expect(object.count == 5_000)
        #expect((0..<5_000).allSatisfy { (number: Int) in object["name\(number)"] == .number(JSONNumber(number)) })
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSONReader.read("{" + members.joined(separator: ",") + #","name4999":0}"#)
        }
        #expect(error?.problem == .duplicateName("name4999"))
    }
}
