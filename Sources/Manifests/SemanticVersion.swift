/// A version in the strict spelling of SemVer 2.0.0, kept with its own text.
///
/// Identity is the whole text: `1.4.0+linux` and `1.4.0+arm` are two versions of a package, as they are for the
/// platform. Order is SemVer's precedence, in which build metadata has no part; what precedence leaves equal is ordered
/// by its bytes, so that the order is total and agrees with `==`. Numbers have any length and never overflow.
package struct SemanticVersion: Sendable, CustomStringConvertible {
    /// The text as it was written.
    package let description: String
    /// The version without its build metadata: what ranges and the order look at.
    let precedence: Precedence

    /// The longest text that is taken for a version, in bytes; the platform itself takes 128.
    package static let lengthMax = 256

    /// Nil when the text is not strict SemVer 2.0.0: no `v`, no leading zeros, three numbers.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.lengthMax else { return nil }
        let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1 {
            let identifiers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
            guard identifiers.allSatisfy(Identifier.isWellFormed) else { return nil }
        }
        guard let precedence = Precedence(parts[0]) else { return nil }
        self.description = text
        self.precedence = precedence
    }

    /// Whether the version stands before its release: `1.4.0-rc.1`.
    package var isPrerelease: Bool { !precedence.prerelease.isEmpty }

    /// Orders texts of which some may be no versions: those come first, by their bytes, then the versions in their order.
    ///
    /// The two groups are kept apart because byte order and precedence disagree (`10.0.0` and `9.0.0`): mixing them would
    /// make circles, which no sort survives.
    package static func orders(_ left: String, before right: String) -> Bool {
        switch (SemanticVersion(left), SemanticVersion(right)) {
        case (let left?, let right?): left < right
        case (nil, nil): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (let left, _): left == nil
        }
    }
}

extension SemanticVersion: Hashable, Comparable {
    package static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.description == right.description
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }

    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.precedence == right.precedence
            ? left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
            : left.precedence < right.precedence
    }
}

extension SemanticVersion {
    /// The three numbers and the pre-release identifiers, in SemVer's order of precedence.
    struct Precedence: Hashable, Comparable, Sendable {
        var major: Numeral
        var minor: Numeral
        var patch: Numeral
        var prerelease: [Identifier] = []

        init(_ major: Numeral, _ minor: Numeral, _ patch: Numeral, prerelease: [Identifier] = []) {
            (self.major, self.minor, self.patch, self.prerelease) = (major, minor, patch, prerelease)
        }

        /// Nil when the text is no version without build metadata.
        fileprivate init?(_ text: Substring) {
            let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let core = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            guard core.count == 3, let major = Numeral(core[0]), let minor = Numeral(core[1]),
                let patch = Numeral(core[2])
            else { return nil }
            self.init(major, minor, patch)
            guard parts.count > 1 else { return }
            for part in parts[1].split(separator: ".", omittingEmptySubsequences: false) {
                guard let identifier = Identifier(part) else { return nil }
                prerelease.append(identifier)
            }
        }

        func hasSameCore(as other: Precedence) -> Bool {
            (major, minor, patch) == (other.major, other.minor, other.patch)
        }

        static func < (left: Precedence, right: Precedence) -> Bool {
            guard left.hasSameCore(as: right) else {
                return (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
            }
            // A release comes after all that lead up to it.
            if left.prerelease.isEmpty || right.prerelease.isEmpty { return right.prerelease.isEmpty && left != right }
            return left.prerelease.lexicographicallyPrecedes(right.prerelease)
        }
    }

    /// One dot-separated part of a pre-release; the order of the cases is SemVer's: numbers before words.
    enum Identifier: Hashable, Comparable, Sendable {
        case numeral(Numeral)
        case word(String)

        /// Nil when empty, when it holds another character than `[0-9A-Za-z-]`, or for a number with a leading zero.
        init?(_ text: Substring) {
            guard Self.isWellFormed(text) else { return nil }
            if let numeral = Numeral(text) {
                self = .numeral(numeral)
            } else {
                guard !Numeral.areDigits(text) else { return nil }
                self = .word(String(text))
            }
        }

        /// Whether it may stand in build metadata, where numbers keep their leading zeros.
        static func isWellFormed(_ text: Substring) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy(isIdentifierByte)
        }

        static func isIdentifierByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// A whole number of any length, as its decimal digits without leading zeros.
    struct Numeral: Hashable, Comparable, Sendable {
        let digits: String

        static let zero = Numeral(digits: "0")

        /// Nil when the text is empty, holds anything but ASCII digits, or begins with a zero that is not all of it.
        init?(_ text: Substring) {
            guard Self.areDigits(text), text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
            digits = String(text)
        }

        private init(digits: String) { self.digits = digits }

        static func areDigits(_ text: Substring) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }

        /// The number that follows.
        var successor: Numeral {
            var bytes = Array(digits.utf8)
            for position in bytes.indices.reversed() {
                guard bytes[position] == UInt8(ascii: "9") else {
                    bytes[position] += 1
                    return Numeral(digits: String(decoding: bytes, as: UTF8.self))
                }
                bytes[position] = UInt8(ascii: "0")
            }
            return Numeral(digits: "1" + String(decoding: bytes, as: UTF8.self))
        }

        static func < (left: Numeral, right: Numeral) -> Bool {
            let (a, b) = (left.digits.utf8, right.digits.utf8)
            return a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
        }
    }
}

extension SemanticVersion.Precedence: CustomStringConvertible {
    var description: String {
        let core = [major, minor, patch].map(\.digits).joined(separator: ".")
        let identifiers = prerelease.map { identifier in
            switch identifier {
            case .numeral(let numeral): numeral.digits
            case .word(let word): word
            }
        }
        return identifiers.isEmpty ? core : core + "-" + identifiers.joined(separator: ".")
    }
}
