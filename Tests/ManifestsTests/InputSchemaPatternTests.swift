import Testing

@testable import Manifests

/// Regular expressions mean what ECMA-262 says, whatever engine runs them.
@Suite struct InputSchemaPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String]
        var others: [String]
        var testDescription: String { pattern }

        init(_ pattern: String, _ matching: [String], not others: [String]) {
            (self.pattern, self.matching, self.others) = (pattern, matching, others)
        }
    }

    @Test(arguments: [
        Case("", ["", "a"], not: []),
        Case("b", ["abc"], not: ["ac"]),
        Case("^abc$", ["abc"], not: ["abc\n", "xabc", "abc\\n"]),
        Case(#"^\d+$"#, ["0123"], not: ["\u{0661}", "", "1a"]),
        Case(#"^\D$"#, ["\u{0661}", "a"], not: ["1"]),
        Case(#"^\w+$"#, ["aZ_9"], not: ["é", "a-b"]),
        Case(#"^\W$"#, ["é", "-"], not: ["a", "_"]),
        Case(
            #"^\s$"#, [" ", "\t", "\u{A0}", "\u{FEFF}", "\u{2029}", "\u{3000}", "\u{B}"],
            not: ["\u{200B}", "a", "\u{85}", "\u{180E}"]),
        Case(#"^\S$"#, ["a", "\u{200B}"], not: [" ", "\u{FEFF}"]),
        Case(#"^[\s\d]+$"#, [" 1\u{FEFF}"], not: ["a"]),
        Case(#"^[^\s\d]+$"#, ["ab"], not: ["a1", " "]),
        Case(#"^[\D]$"#, ["a"], not: ["1"]),
        Case(#"^[^\W]$"#, ["a"], not: ["é"]),
        Case("^.$", ["a", "🐲", "\u{85}", "\u{B}"], not: ["\n", "\r", "\u{2028}", "ab"]),
        Case("^🐲*$", ["", "🐲🐲"], not: ["🐉"]),
        Case("^[🐲-🐴]$", ["🐳"], not: ["🐶"]),
        Case(#"^\u{1F432}$"#, ["🐲"], not: ["u"]),
        Case(#"^\uD83D\uDC32$"#, ["🐲"], not: ["🐉"]),
        Case(#"^\u00e9\x41$"#, ["éA"], not: ["eA"]),
        Case(#"^\cJ\ca\t\v\f\r\n\0$"#, ["\n\u{1}\t\u{B}\u{C}\r\n\0"], not: ["J"]),
        Case(#"\bfoo\b"#, ["a foo b", "éfooé"], not: ["afoo", "foo_"]),
        Case(#"\Boo"#, ["foo"], not: ["oo"]),
        Case(#"^[\b]$"#, ["\u{8}"], not: ["b"]),
        Case("^[[a]$", ["[", "a"], not: ["]"]),
        Case("^[a&&b]+$", ["a&b"], not: ["c"]),
        Case("^[!--b]+$", ["!-b,"], not: ["c"]),
        Case("^[+--]+$", ["+,-"], not: ["."]),
        Case(#"^[\]\\^-]+$"#, [#"]\^-"#], not: ["a"]),
        Case("^[-a]+$", ["-a"], not: ["b"]),
        Case("^[a-]+$", ["-a"], not: ["b"]),
        Case(#"^[\w-.]+$"#, ["a-.b"], not: ["/"]),
        Case("[]", [], not: ["", "a"]),
        Case("^[^]$", ["\n", "a"], not: ["", "ab"]),
        Case("^a{2}b{1,}c{0,1}$", ["aab", "aabbc"], not: ["ab", "aabcc"]),
        Case("^{a}$", ["{a}"], not: ["a"]),
        Case("^a{,2}$", ["a{,2}"], not: ["aa"]),
        Case("^x{1,2", ["x{1,2"], not: ["xx"]),
        Case("^a+?b*?$", ["aab"], not: ["b"]),
        Case("^(?:a|b)(c)$", ["ac", "bc"], not: ["c"]),
        Case(#"^(a)(b)\2\1$"#, ["abba"], not: ["abab"]),
        Case(#"^(?<a_1>x)(?<$b>y)\k<$b>\k<a_1>$"#, ["xyyx"], not: ["xyxy"]),
        Case("^(?=.*[0-9])(?!.*z).+$", ["a1"], not: ["a", "1z"]),
        Case("(?<=a)b(?<!cb)", ["ab"], not: ["cb"]),
        Case(#"^\p{L}\p{Lu}\P{L}$"#, ["éÉ1"], not: ["éé1"]),
        Case(#"^\p{Script=Greek}[\p{Nd}]$"#, ["α٣"], not: ["a1"]),
        Case(#"^a\.b\/c\-d\@e\_f\ $"#, ["a.b/c-d@e_f "], not: ["axb/c-d@e_f "]),
        Case("^(?i)ab$", ["AB", "ab"], not: ["a"]),
        Case("^(?i:a)b$", ["Ab"], not: ["AB"]),
        Case(#"\Aab\z"#, ["ab"], not: ["ab\n", "xab"]),
        Case("^ #a b$", [" #a b"], not: ["ab"]),
        Case(#"^sha256:[a-f0-9]{64}$"#, ["sha256:" + String(repeating: "0a", count: 32)], not: ["sha256:0a"]),
        Case(
            #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#, ["a-b.example.com"],
            not: ["-a", "a..b"]),
    ])
    func `a pattern finds what ECMA-262 says`(_ row: Case) throws {
        let pattern = try TextPattern(row.pattern)
        for text in row.matching {
            var steps = 10_000
            #expect(pattern.search(text, steps: &steps) == .found, "\(row.pattern) in \(text.debugDescription)")
        }
        for text in row.others {
            var steps = 10_000
            #expect(pattern.search(text, steps: &steps) == .notFound, "\(row.pattern) in \(text.debugDescription)")
        }
    }

    @Test(arguments: [
        ("(", "a '(' is not closed"), (")", "a ')' has no '('"), ("[a", "a '[' is not closed"),
        ("a\\", "it ends in a backslash"),
        ("[a\\", "it ends in a backslash"), ("*a", "'*' has nothing to repeat"), ("a**", "'*' has nothing to repeat"),
        ("a++", "'+' has nothing to repeat"), ("a{2}{3}", "'{3}' has nothing to repeat"),
        ("^*", "'*' has nothing to repeat"),
        ("(?=a)*", "'*' has nothing to repeat"), (#"\Z"#, #"ECMA-262 has no escape \Z"#),
        (#"\a"#, #"ECMA-262 has no escape \a"#),
        (#"[\h]"#, #"ECMA-262 has no escape \h"#), (#"\c1"#, #"\c is not followed by a letter"#),
        (#"\x4"#, "a hexadecimal escape needs 2 digits"), (#"\u12"#, "a hexadecimal escape needs 4 digits"),
        (#"\uD800"#, #"\u names half of a surrogate pair"#), (#"\u{110000}"#, #"\u{…} names no character"#),
        (#"\u{1"#, #"\u{…} names no character"#), (#"\p"#, #"\p is not followed by a property in braces"#),
        (#"\p{L"#, #"\p is not followed by a property in braces"#),
        (#"\p{^L}"#, #"\p is not followed by a property in braces"#),
        (#"\p{NoSuchProperty}"#, "it is malformed, or has a lookbehind without a greatest length"),
        ("[z-a]", "a range in a class runs backwards"), ("(?>a)", "a group begins with '(?' and an unknown character"),
        ("(?#a)", "a group begins with '(?' and an unknown character"),
        ("(?s)a", "a group begins with '(?' and an unknown character"),
        ("(?<a b>x)", "the name of a group is malformed"), (#"\k"#, #"\k names no group"#),
        ("(?<=a*)b", "it is malformed, or has a lookbehind without a greatest length"),
        (#"\1"#, #"\1 refers to no group"#), (#"^(a)\10$"#, #"\10 refers to no group"#),
        ("[a--b]", "a range in a class runs backwards"),
        ("a{99999999999}", "a count has more than 6 digits"),
        (String(repeating: "a", count: 4_097), "it has more than 4096 characters"),
    ])
    func `a pattern that can't be used is refused with the reason`(_ pattern: String, _ reason: String) {
        #expect(throws: TextPattern.Unsupported(reason: reason)) { try TextPattern(pattern) }
    }

    @Test func `a search takes no more steps than it is given`() throws {
        let pattern = try TextPattern("^(a|a)*$")
        let text = String(repeating: "a", count: 40) + "!"
        var steps = 20_000
        #expect(pattern.search(text, steps: &steps) == .outOfSteps)
        #expect(steps < 0)
    }
}
