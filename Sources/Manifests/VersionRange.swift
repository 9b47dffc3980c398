/// A set of versions in npm's range syntax: `^1.4`, `>=1.2 <2 || 3.x`, `1.2 - 1.4`.
///
/// Pre-releases are in it only where a comparator of the same alternative names one with the same three numbers, and
/// build metadata plays no part, as with npm. In three corners it differs: numbers may have any length, `==` is taken for
/// `=` everywhere, and an alternative that holds all releases does not swallow the pre-releases that another one names,
/// as in `* || >=2.0.0-rc.1`. Bounded (I12): ``lengthMax`` characters, ``comparatorsMax`` comparators.
package struct VersionRange: Hashable, Sendable {
    /// The range as written.
    package let text: String
    /// A version is in the range when it satisfies every comparator of one of these; an empty one holds all releases.
    private let alternatives: [[Comparator]]

    /// The longest text that is taken for a range, in characters.
    package static let lengthMax = 256
    /// The most comparators that one range may have, over all alternatives.
    package static let comparatorsMax = 64

    /// The range that `text` spells; the error says what is wrong with it and where.
    package init(parsing text: String) throws(Problem) {
        guard text.count <= Self.lengthMax else {
            throw Problem(kind: .tooLong(limit: Self.lengthMax), position: Self.lengthMax + 1)
        }
        var parser = VersionRangeParser(text)
        alternatives = try parser.parse()
        self.text = text
    }

    /// The range that `text` spells, or nil; ``init(parsing:)`` says why.
    package init?(_ text: String) {
        // The reason is there for who asks for it.
        guard let range = try? VersionRange(parsing: text) else { return nil }
        self = range
    }

    /// Whether the version is in the range.
    package func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { comparators in
            comparators.allSatisfy { $0.admits(version.precedence) }
                && (!version.isPrerelease || comparators.contains { $0.namesPrerelease(of: version.precedence) })
        }
    }

    /// The highest of the versions that are in the range, or nil when none is.
    package func highest(among versions: [SemanticVersion]) -> SemanticVersion? {
        versions.filter(contains).max()
    }

    /// What the range stands for, spelt with plain comparators: `>=1.4.0 <2.0.0-0` for `^1.4`.
    package var expanded: String {
        alternatives.map { $0.isEmpty ? "*" : $0.map(\.description).joined(separator: " ") }.joined(separator: " || ")
    }
}

extension VersionRange {
    /// One condition on a version, as all forms of the syntax come down to it.
    struct Comparator: Hashable, Sendable, CustomStringConvertible {
        enum Relation: String { case below = "<", atMost = "<=", equal = "", atLeast = ">=", above = ">" }

        var relation: Relation
        var bound: SemanticVersion.Precedence

        init(_ relation: Relation, _ bound: SemanticVersion.Precedence) {
            self.relation = relation
            self.bound = bound
        }

        func admits(_ version: SemanticVersion.Precedence) -> Bool {
            switch relation {
            case .below: version < bound
            case .atMost: version <= bound
            case .equal: version == bound
            case .atLeast: version >= bound
            case .above: version > bound
            }
        }

        func namesPrerelease(of version: SemanticVersion.Precedence) -> Bool {
            !bound.prerelease.isEmpty && bound.hasSameCore(as: version)
        }

        var description: String { relation.rawValue + bound.description }
    }
}

extension VersionRange {
    /// What is wrong with the text of a range, and where.
    package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        package enum Kind: Equatable, Sendable {
            case tooLong(limit: Int)
            case tooManyComparators(limit: Int)
            case unexpected(Character)
            /// Where a version should begin, something else does, or the text ends.
            case versionMissing
            case leadingZero
            /// A pre-release or build has nothing before, after or between its dots.
            case emptyIdentifier
            /// A pre-release or build on a version of fewer than three numbers.
            case qualifiedPartial
            /// A hyphen with spaces around it that does not stand between two versions alone.
            case misplacedHyphen
        }

        package var kind: Kind
        /// In characters, from 1; one past the end when something is missing there.
        package var position: Int

        package var description: String { "\(sentence) (character \(position))" }

        /// What is wrong, without the place.
        package var sentence: String {
            switch kind {
            case .tooLong(let limit): "a version range has at most \(limit) characters"
            case .tooManyComparators(let limit): "a version range has at most \(limit) comparators"
            case .unexpected(","):
                "',' can't stand in a version range: put a space between comparators, || between alternatives"
            case .unexpected(let character): "'\(character)' can't stand here in a version range"
            case .versionMissing: "a version such as 1.4 or 1.x is missing"
            case .leadingZero: "a number begins with a zero"
            case .emptyIdentifier: "a pre-release or build identifier is empty"
            case .qualifiedPartial: "a pre-release or build can only follow three numbers"
            case .misplacedHyphen: "' - ' must stand between two versions, with nothing else beside them"
            }
        }
    }
}
