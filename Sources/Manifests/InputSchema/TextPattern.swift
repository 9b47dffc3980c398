import Foundation

/// A regular expression of a schema, found anywhere in a text unless it is anchored.
///
/// It is ECMA-262's with Unicode semantics, translated for ICU's engine: of the two at hand that one can be stopped in the
/// middle of a search, and needed less translation (of the 89 rows on patterns in the official test suite it passed 75
/// untranslated, Swift's own 71; translated, all). What differs from ECMA-262:
/// - Understood beyond it, since schemas written for other engines have them: `(?i)` and `(?i:…)`, `\A` and `\z`, escapes
///   of punctuation that need none, and braces that begin no count.
/// - A lookbehind must have a greatest length, and a reference to a group that took no part fails instead of matching
///   nothing.
/// - Holds I12: patterns of more than ``lengthMax`` characters are refused, texts of more than ``textMax`` are not
///   searched, and a search takes at most the steps that it is given.
struct TextPattern: Sendable {
    /// The pattern as the schema has it.
    let text: String
    private let expression: NSRegularExpression

    /// Why a pattern can't be used.
    struct Unsupported: Error, Equatable, Sendable {
        var reason: String
    }

    enum Outcome: Equatable, Sendable {
        case found, notFound
        /// The text is longer than ``textMax``.
        case textTooLong
        case outOfSteps
    }

    /// In characters.
    static let lengthMax = 4_096
    /// In UTF-16 units; also what keeps the engine's own stack within its limit.
    static let textMax = 65_536

    init(_ text: String) throws(Unsupported) {
        guard text.count <= Self.lengthMax else {
            throw Unsupported(reason: "it has more than \(Self.lengthMax) characters")
        }
        var translation = PatternTranslation(text)
        let translated = try translation.run()
        do {
            expression = try NSRegularExpression(pattern: translated)
        } catch {
            // The engine's own words name its dialect's rules and no place; what it refuses is rare by now.
            throw Unsupported(reason: "it is malformed, or has a lookbehind without a greatest length")
        }
        self.text = text
    }

    /// Looks for the pattern in a text; `steps` is what the search may take, less what it took when it returns.
    func search(_ subject: String, steps: inout Int) -> Outcome {
        let length = subject.utf16.count
        guard length <= Self.textMax else { return .textTooLong }
        var outcome = Outcome.notFound
        var left = steps
        expression.enumerateMatches(
            in: subject, options: .reportProgress, range: NSRange(location: 0, length: length)
        ) { match, _, stop in
            if match != nil {
                outcome = .found
                stop.pointee = true
                return
            }
            left -= SchemaCost.searchReport
            if left < 0 {
                outcome = .outOfSteps
                stop.pointee = true
            }
        }
        steps = left
        return outcome
    }
}
