import Testing

@testable import Manifests

@Suite struct VersionRangeTests {
    /// A range with the plain comparators it stands for.
    struct Form: Sendable, CustomTestStringConvertible {
        var range: String
        var expanded: String
        var testDescription: String { "'\(range)' is '\(expanded)'" }

        init(_ range: String, _ expanded: String) { (self.range, self.expanded) = (range, expanded) }
    }

    @Test(arguments: [
        // Exact versions and prefixes.
        Form("1.2.3", "1.2.3"), Form("=1.2.3", "1.2.3"), Form("v1.2.3", "1.2.3"), Form("=v1.2.3", "1.2.3"),
        Form(" = 1.2.3 ", "1.2.3"), Form("1.2.3-rc.1", "1.2.3-rc.1"), Form("1.2.3+build.7", "1.2.3"),
        Form("1.2.3-rc.1+build", "1.2.3-rc.1"), Form("0.0.0", "0.0.0"),
        Form("99999999999999999999.0.0", "99999999999999999999.0.0"),
        // Everything.
        Form("", "*"), Form("   ", "*"), Form("*", "*"), Form("x", "*"), Form("X", "*"), Form("*.*.*", "*"),
        Form("x.X.x", "*"),
        Form("*.1.2", "*"), Form("v*", "*"), Form(">=*", "*"), Form("<=*", "*"), Form("~*", "*"), Form("^*", "*"),
        Form("||", "* || *"), Form("1.2.3 ||", "1.2.3 || *"),
        // Nothing.
        Form("<*", "<0.0.0-0"), Form(">*", "<0.0.0-0"), Form("<x.1", "<0.0.0-0"), Form(">X", "<0.0.0-0"),
        // Wildcards.
        Form("1", ">=1.0.0 <2.0.0-0"), Form("1.x", ">=1.0.0 <2.0.0-0"), Form("1.*", ">=1.0.0 <2.0.0-0"),
        Form("1.X.X", ">=1.0.0 <2.0.0-0"), Form("1.x.3", ">=1.0.0 <2.0.0-0"), Form("0", ">=0.0.0 <1.0.0-0"),
        Form("1.2", ">=1.2.0 <1.3.0-0"), Form("1.2.x", ">=1.2.0 <1.3.0-0"), Form("1.2.*", ">=1.2.0 <1.3.0-0"),
        Form("=1.2", ">=1.2.0 <1.3.0-0"), Form("v1.2", ">=1.2.0 <1.3.0-0"), Form("1.9", ">=1.9.0 <1.10.0-0"),
        Form("1.2.x-beta", ">=1.2.0 <1.3.0-0"), Form("1.x.x-beta+b", ">=1.0.0 <2.0.0-0"),
        Form("9999999999999999999", ">=9999999999999999999.0.0 <10000000000000000000.0.0-0"),
        // Comparators.
        Form("<1.2.3", "<1.2.3"), Form("<=1.2.3", "<=1.2.3"), Form(">1.2.3", ">1.2.3"), Form(">=1.2.3", ">=1.2.3"),
        Form(">= 1.2.3", ">=1.2.3"), Form("> = 1.2.3", ">=1.2.3"), Form("<    2.0.0", "<2.0.0"),
        Form(">=v1.2.3", ">=1.2.3"),
        Form(">=1.2.3-rc.1", ">=1.2.3-rc.1"), Form("<1", "<1.0.0-0"), Form("<1.2", "<1.2.0-0"),
        Form("<1.x.3", "<1.0.0-0"),
        Form("<=1", "<2.0.0-0"), Form("<=1.2", "<1.3.0-0"), Form("<=1.2.x", "<1.3.0-0"), Form(">1", ">=2.0.0"),
        Form(">1.2", ">=1.3.0"), Form(">1.2.x", ">=1.3.0"), Form(">=1", ">=1.0.0"), Form(">=1.2", ">=1.2.0"),
        Form(">=1.2.x", ">=1.2.0"), Form("~>=1.2.3", ">=1.2.3 <1.3.0-0"),
        // Sets and alternatives.
        Form(">=1.2.3 <2", ">=1.2.3 <2.0.0-0"), Form(">= 1.2.3   <  2.0.0", ">=1.2.3 <2.0.0"),
        Form(">1.0.0\t<1.5.0\n", ">1.0.0 <1.5.0"), Form("1.2.3||2.3.4", "1.2.3 || 2.3.4"),
        Form("0.1.20 || 1.2.4", "0.1.20 || 1.2.4"), Form(">=0.2.3 || <0.0.1", ">=0.2.3 || <0.0.1"),
        Form("^1 || ^2 ||~3.1", ">=1.0.0 <2.0.0-0 || >=2.0.0 <3.0.0-0 || >=3.1.0 <3.2.0-0"),
        Form("^1.2 ^1", ">=1.2.0 <2.0.0-0 >=1.0.0 <2.0.0-0"),
        Form("1.2.* || 2.*", ">=1.2.0 <1.3.0-0 || >=2.0.0 <3.0.0-0"),
        // Hyphen ranges.
        Form("1.2.3 - 2.3.4", ">=1.2.3 <=2.3.4"), Form("1.2 - 2.3.4", ">=1.2.0 <=2.3.4"),
        Form("1 - 2.3.4", ">=1.0.0 <=2.3.4"),
        Form("1.2.3 - 2.3", ">=1.2.3 <2.4.0-0"), Form("1.2.3 - 2", ">=1.2.3 <3.0.0-0"),
        Form("1 - 2", ">=1.0.0 <3.0.0-0"),
        Form("1.2.3 - *", ">=1.2.3"), Form("* - 1.2", "<1.3.0-0"), Form("x - x", "*"),
        Form("1.x - 2.x", ">=1.0.0 <3.0.0-0"),
        Form("1.2.3+a - 2.4.3+b", ">=1.2.3 <=2.4.3"),
        Form("1.2.3-pre+asdf - 2.4.3-pre+asdf", ">=1.2.3-pre <=2.4.3-pre"),
        Form("v1.2.3  -  v2.0.0", ">=1.2.3 <=2.0.0"), Form("1.2.3-a-b - 2.0.0", ">=1.2.3-a-b <=2.0.0"),
        Form("1.0.0 - 1.1.0 || 2.0.0 - 2.1.0", ">=1.0.0 <=1.1.0 || >=2.0.0 <=2.1.0"),
        // Tildes.
        Form("~1.2.3", ">=1.2.3 <1.3.0-0"), Form("~1.2", ">=1.2.0 <1.3.0-0"), Form("~1", ">=1.0.0 <2.0.0-0"),
        Form("~0.2.3", ">=0.2.3 <0.3.0-0"), Form("~0.2", ">=0.2.0 <0.3.0-0"), Form("~0", ">=0.0.0 <1.0.0-0"),
        Form("~1.2.3-beta.2", ">=1.2.3-beta.2 <1.3.0-0"), Form("~>1.2", ">=1.2.0 <1.3.0-0"),
        Form("~ 1.2.3", ">=1.2.3 <1.3.0-0"),
        Form("~> 1", ">=1.0.0 <2.0.0-0"), Form("~v1.2", ">=1.2.0 <1.3.0-0"), Form("~=1.2", ">=1.2.0 <1.3.0-0"),
        Form("~1.9.9", ">=1.9.9 <1.10.0-0"), Form("~1.x", ">=1.0.0 <2.0.0-0"), Form("~1.2.x", ">=1.2.0 <1.3.0-0"),
        // Carets.
        Form("^1.2.3", ">=1.2.3 <2.0.0-0"), Form("^0.2.3", ">=0.2.3 <0.3.0-0"), Form("^0.0.3", ">=0.0.3 <0.0.4-0"),
        Form("^1.2.3-beta.2", ">=1.2.3-beta.2 <2.0.0-0"), Form("^0.0.3-beta", ">=0.0.3-beta <0.0.4-0"),
        Form("^1.2.x", ">=1.2.0 <2.0.0-0"), Form("^0.0.x", ">=0.0.0 <0.1.0-0"), Form("^0.0", ">=0.0.0 <0.1.0-0"),
        Form("^1.x", ">=1.0.0 <2.0.0-0"), Form("^0.x", ">=0.0.0 <1.0.0-0"), Form("^0", ">=0.0.0 <1.0.0-0"),
        Form("^0.1", ">=0.1.0 <0.2.0-0"), Form("^0.0.0", ">=0.0.0 <0.0.1-0"), Form("^ 1.2", ">=1.2.0 <2.0.0-0"),
        Form("^v1", ">=1.0.0 <2.0.0-0"), Form("^1.2.3+build", ">=1.2.3 <2.0.0-0"), Form("^9.9.9", ">=9.9.9 <10.0.0-0"),
    ])
    func `a range stands for plain comparators`(_ form: Form) throws {
        let range = try VersionRange(parsing: form.range)
        #expect(range.expanded == form.expanded)
        #expect(range.text == form.range)
    }

    /// Versions that a range holds, and others that it does not.
    struct Members: Sendable, CustomTestStringConvertible {
        var range: String
        var inside: [String]
        var outside: [String]
        var testDescription: String { "'\(range)'" }

        init(_ range: String, inside: [String], outside: [String]) {
            (self.range, self.inside, self.outside) = (range, inside, outside)
        }
    }

    @Test(arguments: [
        Members(
            "1.0.0 - 2.0.0", inside: ["1.0.0", "1.2.3", "2.0.0"], outside: ["0.9.9", "2.0.1", "2.0.0-rc.1", "1.5.0-a"]),
        Members("1.2.3", inside: ["1.2.3", "1.2.3+build"], outside: ["1.2.4", "1.2.3-rc.1"]),
        Members("1.2.3+asdf", inside: ["1.2.3", "1.2.3+other"], outside: ["1.2.3-asdf"]),
        Members("", inside: ["0.0.0", "1.0.0", "99.9.9+b"], outside: ["1.0.0-rc.1", "0.0.0-0"]),
        Members("*", inside: ["0.0.0", "1.2.3"], outside: ["1.2.3-foo", "0.0.0-0"]),
        Members("<*", inside: [], outside: ["0.0.0", "0.0.0-0", "1.0.0"]),
        Members(">x", inside: [], outside: ["0.0.0", "99.0.0", "99.0.0-a"]),
        Members(">=*", inside: ["0.2.4"], outside: ["0.2.4-a"]),
        Members("*.1.2", inside: ["1.2.3"], outside: ["1.2.3-a"]),
        Members("1", inside: ["1.0.0", "1.99.99"], outside: ["0.9.9", "2.0.0", "2.0.0-0", "1.0.0-beta"]),
        Members("1.2", inside: ["1.2.0", "1.2.9"], outside: ["1.3.0", "1.1.9", "1.3.0-alpha", "1.2.0-0"]),
        Members("2.*.*", inside: ["2.1.3"], outside: ["1.1.3", "3.1.3"]),
        Members("1.2.*", inside: ["1.2.3"], outside: ["1.3.3"]),
        Members(">1.2.3", inside: ["1.2.4", "2.0.0"], outside: ["1.2.3", "1.2.3+build", "1.2.4-0"]),
        Members(">=1.2.3", inside: ["1.2.3", "1.2.3+b"], outside: ["1.2.2", "1.2.3-rc.1"]),
        Members("<1.2.3", inside: ["1.2.2", "0.0.0"], outside: ["1.2.3", "1.2.3-rc.1", "1.2.3+b"]),
        Members("<=1.2.3", inside: ["1.2.3", "1.2.3+b"], outside: ["1.2.4", "1.2.3-rc.1"]),
        Members(">1", inside: ["2.0.0", "3.1.0"], outside: ["1.9.9", "1.0.0", "2.0.0-rc.1"]),
        Members(">1.2", inside: ["1.3.0"], outside: ["1.2.8", "1.3.0-a"]),
        Members("<1", inside: ["0.9.9"], outside: ["1.0.0", "1.0.0-beta", "1.0.0-0"]),
        Members("<1.2", inside: ["1.1.1"], outside: ["1.2.0", "1.2.0-a"]),
        Members("<=1.2", inside: ["1.2.99"], outside: ["1.3.0", "1.3.0-0"]),
        Members(">=1", inside: ["1.0.0", "9.9.9"], outside: ["0.9.9", "1.0.0-beta"]),
        Members(">=0.2.3 || <0.0.1", inside: ["0.0.0", "0.2.3", "0.2.4"], outside: ["0.0.1", "0.1.0", "0.2.2"]),
        Members("1.2.* || 2.*", inside: ["1.2.3", "2.1.3"], outside: ["1.3.3", "3.1.3"]),
        Members("||", inside: ["1.3.4"], outside: ["1.3.4-a"]),
        Members("1.2.3 ||", inside: ["1.2.3", "9.9.9"], outside: ["9.9.9-a"]),
        Members("~2.4", inside: ["2.4.0", "2.4.5"], outside: ["2.5.0", "2.3.9", "2.4.5-a"]),
        Members("~1", inside: ["1.0.0", "1.2.3"], outside: ["2.2.3", "0.9.0"]),
        Members("~1.2.1 >=1.2.3", inside: ["1.2.3"], outside: ["1.2.2", "1.3.0"]),
        Members("~0.0.1", inside: ["0.0.1", "0.0.2"], outside: ["0.1.0", "0.1.0-alpha"]),
        Members(
            "~1.2.3-beta.2", inside: ["1.2.3-beta.2", "1.2.3-beta.10", "1.2.3", "1.2.4"],
            outside: ["1.2.3-beta.1", "1.2.4-beta.2", "1.3.0"]),
        Members(
            "^1.2.3", inside: ["1.2.3", "1.8.1"], outside: ["1.2.2", "2.0.0", "2.0.0-alpha", "1.2.3-pre", "1.9.0-pre"]),
        Members("^0.1", inside: ["0.1.2"], outside: ["0.2.0", "1.0.0"]),
        Members("^0.0.1", inside: ["0.0.1"], outside: ["0.0.2", "0.0.2-alpha", "0.1.0"]),
        Members("^0", inside: ["0.0.0", "0.9.9"], outside: ["1.0.0", "1.0.0-0"]),
        Members(
            "^1.2.0-alpha", inside: ["1.2.0-alpha", "1.2.0-beta", "1.2.0", "1.3.0"],
            outside: ["1.2.1-alpha", "1.3.0-alpha", "1.2.0-0"]),
        Members("^0.0.1-alpha", inside: ["0.0.1-beta", "0.0.1"], outside: ["0.0.2", "0.0.2-beta"]),
        Members("^1.2.3-rc.1 || ^2", inside: ["1.2.3-rc.2", "2.0.0"], outside: ["2.0.0-rc.2", "1.2.4-rc.2"]),
        // A pre-release named in one alternative opens no other.
        Members("=1.0.0-rc.1 || >=1", inside: ["1.0.0-rc.1", "1.0.0"], outside: ["1.0.0-rc.2"]),
        Members(
            ">=1.0.0-rc.1 <2", inside: ["1.0.0-rc.1", "1.0.0-rc.2", "1.5.0"], outside: ["1.5.0-rc.1", "2.0.0-rc.1"]),
        Members(
            ">1.0.0 <=2.0.0-rc.1", inside: ["1.5.0", "2.0.0-alpha", "2.0.0-rc.1"],
            outside: ["2.0.0-rc.2", "1.5.0-a", "2.0.0"]),
        Members(">=1.2.3-0", inside: ["1.2.3-0", "1.2.3-a", "1.2.3", "2.0.0"], outside: ["1.2.4-a", "2.0.0-a"]),
        Members(
            "1.2.3-pre - 2.4.3-pre", inside: ["1.2.3", "1.2.3-pre.2", "2.4.3-alpha"],
            outside: ["2.4.3", "2.4.3-q", "2.4.2-alpha"]),
        Members(
            ">=18446744073709551616.0.0", inside: ["18446744073709551616.0.0", "18446744073709551617.1.0"],
            outside: ["18446744073709551615.9.9", "2.0.0"]),
        Members("* || >=2.0.0-rc.1", inside: ["1.0.0", "2.0.0-rc.2"], outside: ["1.0.0-rc.2", "2.0.1-rc.2"]),
        Members("==1.2.3", inside: ["1.2.3"], outside: ["1.2.4"]),
        Members(">2 <1", inside: [], outside: ["0.0.1", "1.5.0", "3.0.0"]),
    ])
    func `membership is npm's`(_ row: Members) throws {
        let range = try VersionRange(parsing: row.range)
        for text in row.inside {
            #expect(range.contains(try #require(SemanticVersion(text))), "\(text) belongs to \(row.range)")
        }
        for text in row.outside {
            #expect(!range.contains(try #require(SemanticVersion(text))), "\(text) does not belong to \(row.range)")
        }
    }

    @Test(
        arguments: [
            ("^1", ["1.0.0", "1.10.0", "1.9.0", "2.0.0", "1.11.0-rc.1"], "1.10.0"),
            ("*", ["1.0.0", "2.0.0-rc.1"], "1.0.0"), (">3", ["1.0.0", "3.9.9"], nil), ("1.x", [], nil),
            ("1.0.0", ["1.0.0", "1.0.0+a", "1.0.0+b", "1.0.0-z"], "1.0.0+b"), ("<*", ["1.0.0"], nil),
            (">=2.0.0-0 <3", ["1.9.0", "2.0.0-beta.2", "2.0.0-beta.10"], "2.0.0-beta.10"),
        ] as [(String, [String], String?)])
    func `the highest version in range is chosen`(_ range: String, _ versions: [String], _ expected: String?) throws {
        let versions = try versions.map { try #require(SemanticVersion($0)) }
        #expect(try VersionRange(parsing: range).highest(among: versions)?.description == expected)
    }

    /// A text that is no range, with what is wrong where.
    struct Fault: Sendable, CustomTestStringConvertible {
        var range: String
        var kind: VersionRange.Problem.Kind
        var position: Int
        var testDescription: String { "'\(range.prefix(40))'" }

        init(_ range: String, _ kind: VersionRange.Problem.Kind, at position: Int) {
            (self.range, self.kind, self.position) = (range, kind, position)
        }
    }

    @Test(arguments: [
        Fault("blerg", .unexpected("b"), at: 1), Fault("latest", .unexpected("l"), at: 1),
        Fault(">=", .versionMissing, at: 3),
        Fault("<", .versionMissing, at: 2), Fault("^ || 1", .versionMissing, at: 3), Fault("v", .versionMissing, at: 2),
        Fault("1.", .versionMissing, at: 3), Fault("1..2", .unexpected("."), at: 3),
        Fault("1.2.3.4", .unexpected("."), at: 6),
        Fault("01.2.3", .leadingZero, at: 1), Fault(">01.02.03", .leadingZero, at: 2),
        Fault("1.02", .leadingZero, at: 3),
        Fault("1.2.3-01", .leadingZero, at: 7), Fault("1.2.3-rc.01", .leadingZero, at: 10),
        Fault("1.2.3-", .emptyIdentifier, at: 7),
        Fault("1.2.3-rc..1", .emptyIdentifier, at: 10), Fault("1.2.3+", .emptyIdentifier, at: 7),
        Fault("1.2.3-+b", .emptyIdentifier, at: 7), Fault("1.2-beta", .qualifiedPartial, at: 4),
        Fault("1+b", .qualifiedPartial, at: 2), Fault("1.2.3beta", .unexpected("b"), at: 6),
        Fault("~1.2.3_a", .unexpected("_"), at: 7),
        Fault("1 | 2", .unexpected("|"), at: 3), Fault("1 |", .unexpected("|"), at: 3),
        Fault("1 ||| 2", .unexpected("|"), at: 5),
        Fault(">=1, <2", .unexpected(","), at: 4), Fault(">=1<2", .unexpected("<"), at: 4),
        Fault("1.2.3 && 2", .unexpected("&"), at: 7),
        Fault(">1 - 2", .misplacedHyphen, at: 4), Fault("1 - 2 - 3", .misplacedHyphen, at: 7),
        Fault("1 - 2 <3", .misplacedHyphen, at: 7), Fault("^1 2 - 3", .misplacedHyphen, at: 6),
        Fault("1 - ", .versionMissing, at: 5),
        Fault("1 -2", .unexpected("-"), at: 3), Fault(" - 2", .unexpected("-"), at: 2),
        Fault("1.2.3 -", .unexpected("-"), at: 7),
        Fault("!1", .unexpected("!"), at: 1), Fault("<>1", .unexpected(">"), at: 2),
        Fault("^^1", .unexpected("^"), at: 2),
        Fault("1.\u{0663}", .unexpected("\u{0663}"), at: 3), Fault("https://example.com/a", .unexpected("h"), at: 1),
        Fault(String(repeating: " ", count: 257), .tooLong(limit: 256), at: 257),
        Fault(String(repeating: "1||", count: 65), .tooManyComparators(limit: 64), at: 193),
    ])
    func `a bad range is refused with what is wrong and where`(_ fault: Fault) {
        #expect(throws: VersionRange.Problem(kind: fault.kind, position: fault.position)) {
            try VersionRange(parsing: fault.range)
        }
        #expect(VersionRange(fault.range) == nil)
    }

    @Test func `a problem reads as one sentence`() {
        let problem = #expect(throws: VersionRange.Problem.self) { try VersionRange(parsing: ">=1, <2") }
        #expect(
            problem?.description
                == "',' can't stand in a version range: put a space between comparators, || between alternatives (character 4)"
        )
    }

    @Test func `sixty-four comparators are taken`() throws {
        let range = try VersionRange(parsing: Array(repeating: "1", count: 64).joined(separator: "||"))
        #expect(range.contains(try #require(SemanticVersion("1.5.0"))))
    }
}
