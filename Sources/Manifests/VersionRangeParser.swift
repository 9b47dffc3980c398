/// Reads npm's range grammar and brings every form of it down to plain comparators.
struct VersionRangeParser {
    typealias Problem = VersionRange.Problem
    typealias Comparator = VersionRange.Comparator

    private let characters: [Character]
    private var position = 0
    private var comparatorsRead = 0

    init(_ text: String) { characters = Array(text) }

    /// The alternatives between `||`.
    mutating func parse() throws(Problem) -> [[Comparator]] {
        var alternatives = [try parseAlternative()]
        while current != nil {
            // An alternative ends at the end of the text or at a bar.
            position += 1
            try expectBar()
            alternatives.append(try parseAlternative())
        }
        return alternatives
    }

    private mutating func parseAlternative() throws(Problem) -> [Comparator] {
        var comparators: [Comparator] = []
        var isFirst = true
        skipSpace()
        while !isAtEndOfAlternative {
            let form = parseForm()
            let version = try parsePartial()
            if isAtHyphen {
                guard isFirst, form == .plain else { throw problem(.misplacedHyphen) }
                return try parseRest(ofHyphenRangeFrom: version)
            }
            comparators += version.comparators(of: form)
            isFirst = false
        }
        return comparators
    }

    private mutating func parseRest(ofHyphenRangeFrom lower: Partial) throws(Problem) -> [Comparator] {
        position += 1
        skipSpace()
        let upper = try parsePartial()
        guard isAtEndOfAlternative else { throw problem(.misplacedHyphen) }
        return lower.comparators(of: .atLeast) + upper.comparators(of: .atMost)
    }

    /// What stands before a version; `>=` may be spelt `> =`.
    private mutating func parseForm() -> Form {
        let start = current
        switch start {
        case "<", ">":
            position += 1
            skipSpace()
            guard current == "=" else { return start == "<" ? .below : .above }
            position += 1
            return start == "<" ? .atMost : .atLeast
        case "~":
            position += 1
            if current == ">" { position += 1 }
            return .tilde
        case "^":
            position += 1
            return .caret
        default: return .plain
        }
    }

    /// A version of which numbers may be left out or be `x`, `X` or `*`, up to the space after it.
    private mutating func parsePartial() throws(Problem) -> Partial {
        comparatorsRead += 1
        guard comparatorsRead <= VersionRange.comparatorsMax else {
            throw problem(.tooManyComparators(limit: VersionRange.comparatorsMax))
        }
        while let next = current, next == "v" || next == "=" || next.isWhitespace { position += 1 }
        var numbers = [try parseNumber()]
        while numbers.count < 3, current == "." {
            position += 1
            numbers.append(try parseNumber())
        }
        guard numbers.count == 3 || (current != "-" && current != "+") else { throw problem(.qualifiedPartial) }
        var prerelease: [SemanticVersion.Identifier] = []
        if current == "-" {
            repeat { prerelease.append(try parsePrereleaseIdentifier()) } while current == "."
        }
        if current == "+" {
            repeat { _ = try parseIdentifier() } while current == "."
        }
        guard isAtEndOfAlternative || current?.isWhitespace == true else { throw unexpected() }
        skipSpace()
        return Partial(numbers, prerelease: prerelease)
    }

    /// One number of a version, or nil for a wildcard.
    private mutating func parseNumber() throws(Problem) -> SemanticVersion.Numeral? {
        if let next = current, next == "x" || next == "X" || next == "*" {
            position += 1
            return nil
        }
        let start = position
        let text = take { $0.isASCII && $0.isNumber }
        guard !text.isEmpty else { throw isAtEndOfAlternative ? problem(.versionMissing) : unexpected() }
        guard let number = SemanticVersion.Numeral(text[...]) else { throw problem(.leadingZero, at: start) }
        return number
    }

    private mutating func parsePrereleaseIdentifier() throws(Problem) -> SemanticVersion.Identifier {
        let start = position + 1
        let text = try parseIdentifier()
        guard let identifier = SemanticVersion.Identifier(text[...]) else { throw problem(.leadingZero, at: start) }
        return identifier
    }

    /// The identifier behind the `-`, `+` or `.` at the current position.
    private mutating func parseIdentifier() throws(Problem) -> String {
        position += 1
        let text = take { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        guard !text.isEmpty else { throw problem(.emptyIdentifier) }
        return text
    }

    private mutating func take(while belongs: (Character) -> Bool) -> String {
        let run = characters[position...].prefix(while: belongs)
        position += run.count
        return String(run)
    }

    private mutating func skipSpace() {
        while current?.isWhitespace == true { position += 1 }
    }

    /// The second bar of two.
    private mutating func expectBar() throws(Problem) {
        guard current == "|" else { throw problem(.unexpected("|"), at: position - 1) }
        position += 1
    }

    private var current: Character? { position < characters.count ? characters[position] : nil }
    private var isAtEndOfAlternative: Bool { current == nil || current == "|" }
    /// A hyphen with spaces around it; the one in front was skipped with the version.
    private var isAtHyphen: Bool {
        current == "-" && position + 1 < characters.count && characters[position + 1].isWhitespace
    }

    private func problem(_ kind: Problem.Kind, at offset: Int? = nil) -> Problem {
        Problem(kind: kind, position: (offset ?? position) + 1)
    }

    private func unexpected() -> Problem { problem(current.map { .unexpected($0) } ?? .versionMissing) }
}

extension VersionRangeParser {
    /// What is written before a version.
    enum Form { case plain, below, atMost, atLeast, above, tilde, caret }

    /// A version whose numbers after the first wildcard are wildcards too (nil).
    struct Partial {
        private let major: SemanticVersion.Numeral?
        private let minor: SemanticVersion.Numeral?
        private let patch: SemanticVersion.Numeral?
        private let prerelease: [SemanticVersion.Identifier]

        /// At most three numbers; those that are missing are wildcards, and a pre-release counts only with three.
        init(_ numbers: [SemanticVersion.Numeral?], prerelease: [SemanticVersion.Identifier]) {
            major = numbers[0]
            minor = major == nil || numbers.count < 2 ? nil : numbers[1]
            patch = minor == nil || numbers.count < 3 ? nil : numbers[2]
            self.prerelease = patch == nil ? [] : prerelease
        }

        /// The comparators that the version stands for behind `form`; none of them when it holds every release.
        func comparators(of form: Form) -> [Comparator] {
            guard let major else {
                // Nothing is below or above everything; a bound below the lowest version is how npm says so.
                return form == .below || form == .above ? [Comparator(.below, .lowest)] : []
            }
            let lower = SemanticVersion.Precedence(major, minor ?? .zero, patch ?? .zero, prerelease: prerelease)
            guard patch != nil else { return comparators(of: form, from: lower) }
            return switch form {
            case .plain: [Comparator(.equal, lower)]
            case .below: [Comparator(.below, lower)]
            case .atMost: [Comparator(.atMost, lower)]
            case .atLeast: [Comparator(.atLeast, lower)]
            case .above: [Comparator(.above, lower)]
            case .tilde: [Comparator(.atLeast, lower), Comparator(.below, lower.nextMinor.beginning)]
            case .caret: [Comparator(.atLeast, lower), Comparator(.below, caretEnd(of: lower).beginning)]
            }
        }

        /// The same for a version that leaves out its patch, or its minor too.
        private func comparators(of form: Form, from lower: SemanticVersion.Precedence) -> [Comparator] {
            let end = minor == nil ? lower.nextMajor : lower.nextMinor
            return switch form {
            case .plain, .tilde: [Comparator(.atLeast, lower), Comparator(.below, end.beginning)]
            case .below: [Comparator(.below, lower.beginning)]
            case .atMost: [Comparator(.below, end.beginning)]
            case .atLeast: [Comparator(.atLeast, lower)]
            case .above: [Comparator(.atLeast, end)]
            case .caret: [Comparator(.atLeast, lower), Comparator(.below, caretEnd(of: lower).beginning)]
            }
        }

        /// The first release beyond `^`: the leftmost number that is not zero must stay, of those that are written.
        private func caretEnd(of lower: SemanticVersion.Precedence) -> SemanticVersion.Precedence {
            if lower.major != .zero || minor == nil { return lower.nextMajor }
            return lower.minor != .zero || patch == nil ? lower.nextMinor : lower.nextPatch
        }
    }
}

extension SemanticVersion.Precedence {
    /// Below every other version.
    fileprivate static let lowest = Self(.zero, .zero, .zero).beginning

    fileprivate var nextMajor: Self { Self(major.successor, .zero, .zero) }
    fileprivate var nextMinor: Self { Self(major, minor.successor, .zero) }
    fileprivate var nextPatch: Self { Self(major, minor, patch.successor) }

    /// The lowest version of these three numbers: `2.0.0-0`, so that `<2.0.0-0` keeps the pre-releases of 2.0.0 out.
    fileprivate var beginning: Self { Self(major, minor, patch, prerelease: [.numeral(.zero)]) }
}
