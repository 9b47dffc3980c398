import Manifests
import Testing

/// Goal S6: each bomb is an error with a place, soon and in little memory.
@Suite struct YAMLLimitsTests {
    struct Bomb: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: @Sendable () -> [UInt8]
        var code: YAMLError.Code
        var place: String
        var isJSON = false

        init(
            _ testDescription: String, _ code: YAMLError.Code, at place: String, isJSON: Bool = false,
            _ text: @escaping @Sendable () -> String
        ) {
            self.testDescription = testDescription
            self.text = { Array(text().utf8) }
            self.code = code
            self.place = place
            self.isJSON = isJSON
        }
    }

    static let bombs: [Bomb] = [
        Bomb("billion laughs", .limit, at: "5:35") {
            var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
            for level in 1...9 {
                let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
                text += "a\(level): &a\(level) [\(aliases)]\n"
            }
            return text
        },
        Bomb("quadratic text", .limit, at: "5:3") {
            "a: &a \"\(String(repeating: "x", count: 900_000))\"\nb:\n" + String(repeating: "- *a\n", count: 1_000)
        },
        Bomb("quadratic nodes", .limit, at: "2:152") {
            "a: &a [\(Array(repeating: "1", count: 1_000).joined(separator: ","))]\nb: [\(Array(repeating: "*a", count: 1_000).joined(separator: ","))]\n"
        },
        Bomb("merge bomb", .limit, at: "6:21") {
            var text = "m0: &m0 {\((0..<5_000).map { "k\($0): 1" }.joined(separator: ", "))}\n"
            for level in 1...50 { text += "m\(level): &m\(level) {x\(level): 1, <<: *m\(level - 1)}\n" }
            return text
        },
        Bomb("10,000 deep in flow", .limit, at: "1:101") { String(repeating: "[", count: 10_000) },
        Bomb("10,000 deep mappings in flow", .limit, at: "1:401") { String(repeating: "{a: ", count: 10_000) },
        Bomb("10,000 deep lists in block", .limit, at: "1:201") { String(repeating: "- ", count: 10_000) },
        Bomb("1,000 deep in block", .limit, at: "101:101") {
            (0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        },
        Bomb("10,000 deep keys", .limit, at: "1:201") { String(repeating: "? ", count: 10_000) },
        Bomb("deep by aliases", .limit, at: "7:24") {
            "a0: &a0 \(String(repeating: "[", count: 15))1\(String(repeating: "]", count: 15))\n"
                + (1...9).map {
                    "a\($0): &a\($0) \(String(repeating: "[", count: 15))*a\($0 - 1)\(String(repeating: "]", count: 15))\n"
                }.joined()
        },
        Bomb("a key of 1 MB", .syntax, at: "1:1000001") { String(repeating: "k", count: 1_000_000) + ": 1" },
        Bomb("an explicit key of 1 MB", .limit, at: "1:3") {
            "? " + String(repeating: "k", count: 1_000_000) + "\n: 1"
        },
        Bomb("a scalar of 10 MB", .limit, at: "1:1") { "a: " + String(repeating: "x", count: 10_000_000) },
        Bomb("an anchor to itself", .alias, at: "2:8") { "- &a\n  - b: *a" },
        Bomb("an anchor within itself", .alias, at: "1:12") { "a: &a {b: [*a]}" },
        Bomb("100,000 documents", .limit, at: "20001:1") { String(repeating: "---\na\n", count: 100_000) },
        Bomb("100,000 tag directives", .limit, at: "1:1") {
            (0..<100_000).map { "%TAG !a\($0)! x\n" }.joined() + "--- a"
        },
        Bomb("a million values", .limit, at: "1:400000") { "[" + String(repeating: "1,", count: 1_000_000) + "]" },
        Bomb("a million keys", .limit, at: "100000:8") { (0..<400_000).map { "k\($0):\n" }.joined() },
        Bomb("a million errors", .limit, at: "1:602") { "[" + String(repeating: "!x 1, ", count: 100_000) + "]" },
        Bomb("10,000 deep in JSON", .limit, at: "1:101", isJSON: true) { String(repeating: "[", count: 10_000) },
        Bomb("a million values in JSON", .limit, at: "1:399999", isJSON: true) {
            "[" + String(repeating: "1,", count: 1_000_000) + "1]"
        },
        Bomb("a number of a million digits in JSON", .syntax, at: "1:1", isJSON: true) {
            String(repeating: "1", count: 1_000_000)
        },
    ]

    @Test(arguments: bombs)
    func `S6: refuses`(_ bomb: Bomb) {
        let bytes = bomb.text()
        let start = ContinuousClock.now
        let error = #expect(throws: YAMLError.self) {
            if bomb.isJSON {
                _ = try YAMLReader.json(bytes)
            } else {
                try YAMLReader.read(bytes) { _ in }
            }
        }
        let elapsed = ContinuousClock.now - start
        #expect(error?.code == bomb.code)
        #expect(error?.mark.description == bomb.place)
        // The goal is 100 ms in a release build on a quiet machine; this bound finds what is quadratic.
        #expect(elapsed < .seconds(5))
    }
}
