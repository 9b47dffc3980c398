import Testing

@testable import Manifests

@Suite struct SemanticVersionTests {
    @Test(arguments: [
        "0.0.0", "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid", "1.0.0-alpha",
        "1.0.0-beta", "1.0.0-alpha.beta", "1.0.0-alpha.beta.1", "1.0.0-alpha.1", "1.0.0-alpha0.valid",
        "1.0.0-alpha.0valid", "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-rc.1+build.1",
        "2.0.0-rc.1+build.123", "1.2.3-beta", "10.2.3-DEV-SNAPSHOT", "1.2.3-SNAPSHOT-123", "1.0.0+build.00",
        "2.0.0+build.1848", "2.0.1-alpha.1227", "1.0.0-alpha+beta", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
        "1.2.3----R-S.12.9.1--.12+meta", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
        "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal", "1.0.0--", "1.0.0-0",
    ])
    func `a strict version is read and keeps its text`(_ text: String) {
        #expect(SemanticVersion(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2", "1.2.3.4", "v1.2.3", "=1.2.3", " 1.2.3", "1.2.3 ", "1.2.3-", "1.2.3+", "1.2.3-+", "1.2.3-+1",
        "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "-invalid+invalid", "-invalid.01",
        "alpha",
        "alpha.beta", "alpha.beta.1", "1.0.0-alpha_beta", "1.0.0-alpha..", "1.0.0-alpha..1", "01.1.1", "1.01.1",
        "1.1.01",
        "1.2.3.DEV", "1.2-SNAPSHOT", "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788", "1.2-RC-SNAPSHOT",
        "-1.0.3-gamma+b7718",
        "+justmeta", "9.8.7+meta+meta", "9.8.7-whatever+meta+meta", "1.2.3\n", "1.2.3\u{0}", "1.2.\u{0663}",
        "1.2.3-\u{E9}",
        "1.2.3\u{301}", "x.2.3", "1.-2.3", "1..3", ".1.2.3", "latest", "1.2.3-" + String(repeating: "a", count: 251),
    ])
    func `what is not strict SemVer 2 is no version`(_ text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    /// Each is lower than all that follow it.
    private static let ascending = [
        "0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "0.9.9", "0.10.0", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-10.0",
        "1.0.0-9007199254740993", "1.0.0-18446744073709551616", "1.0.0--", "1.0.0-10a", "1.0.0-A", "1.0.0-a",
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.1.0", "1.0.0-alpha.2", "1.0.0-alpha.beta", "1.0.0-beta",
        "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-rc.1+1", "1.0.0", "1.0.0+0", "1.0.0+0.build", "1.0.0+10",
        "1.0.0+9", "1.0.1-0", "1.0.1", "1.9.0", "1.10.0", "2.0.0", "9.0.0", "10.0.0", "18446744073709551615.0.0",
        "18446744073709551616.0.0", "100000000000000000000.0.0",
    ]

    @Test func `precedence is total, and agrees with equality and hashing`() throws {
        let versions = try Self.ascending.map { try #require(SemanticVersion($0), "\($0)") }
        for (i, left) in versions.enumerated() {
            for (j, right) in versions.enumerated() {
                #expect((left < right) == (i < j), "\(left) < \(right)")
                #expect((left == right) == (i == j), "\(left) == \(right)")
                #expect(SemanticVersion.orders(left.description, before: right.description) == (i < j))
            }
        }
        #expect(Set(versions).count == versions.count)
        #expect(versions.shuffled().sorted() == versions)
    }

    @Test func `build metadata makes another version of the same precedence`() throws {
        let plain = try #require(SemanticVersion("1.4.0"))
        let built = try #require(SemanticVersion("1.4.0+linux.5"))
        #expect(plain != built)
        #expect(plain.precedence == built.precedence)
        #expect(plain < built)
        #expect(!built.isPrerelease)
    }

    @Test(arguments: [("1.0.0", false), ("1.0.0-0", true), ("1.0.0+a-b", false), ("1.0.0-a+b", true)])
    func `a pre-release is told by its hyphen, not by that of its build`(_ text: String, _ expected: Bool) throws {
        #expect(try #require(SemanticVersion(text)).isPrerelease == expected)
    }

    @Test func `texts that are no versions come first, by their bytes, and no circle arises`() {
        let sorted = ["", "1.x", "5x", "95", "latest", "9.0.0", "10.0.0"]
        for (i, left) in sorted.enumerated() {
            for (j, right) in sorted.enumerated() {
                #expect(SemanticVersion.orders(left, before: right) == (i < j), "\(left) before \(right)")
            }
        }
    }

    @Test(arguments: [
        ("0", "1"), ("8", "9"), ("9", "10"), ("199", "200"), ("999", "1000"),
        ("18446744073709551615", "18446744073709551616"),
    ])
    func `the next number has any length`(_ number: String, _ next: String) {
        #expect(SemanticVersion.Numeral(number[...])?.successor.digits == next)
    }
}
