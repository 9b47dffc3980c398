/// A version as SemVer 2 orders it; its build metadata does not count.
struct SemanticVersion: Comparable, Sendable {
    private let core: [Substring]
    private let prerelease: [Substring]

    /// Nil when the text is no strict SemVer 2.
    init?(_ text: String) {
        guard text.wholeMatch(of: Self.pattern()) != nil else { return nil }
        let unbuilt = text.prefix { $0 != "+" }
        let parts = unbuilt.split(separator: "-", maxSplits: 1)
        core = parts[0].split(separator: ".")
        prerelease = parts.count > 1 ? parts[1].split(separator: ".") : []
    }

    var isRelease: Bool { prerelease.isEmpty }

    static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        for (a, b) in zip(left.core, right.core) where a != b { return number(a, isBelow: b) }
        if left.isRelease || right.isRelease { return !left.isRelease && right.isRelease }
        for (a, b) in zip(left.prerelease, right.prerelease) where a != b {
            switch (a.allSatisfy(\.isNumber), b.allSatisfy(\.isNumber)) {
            case (true, true): return number(a, isBelow: b)
            case (let isNumber, let otherIsNumber) where isNumber != otherIsNumber: return isNumber
            default: return a.utf8.lexicographicallyPrecedes(b.utf8)
            }
        }
        return left.prerelease.count < right.prerelease.count
    }

    /// Compares whole numbers of any length, written without leading zeros.
    private static func number(_ a: Substring, isBelow b: Substring) -> Bool {
        a.count != b.count ? a.count < b.count : a.utf8.lexicographicallyPrecedes(b.utf8)
    }

    private static func pattern() -> Regex<Substring> {
        /(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/
    }
}
