/// What is wrong with a manifest, or doubtful about it, and where.
///
/// No value of `values` is ever part of it (I11), and nothing in it can break a line or a terminal (S12).
package struct ManifestError: Error, Hashable, Sendable, Comparable, CustomStringConvertible {
    package var location: SourceLocation
    /// One clause, without the place and without a full stop.
    package var problem: String
    /// What to do about it.
    package var hint: String?

    package init(at location: SourceLocation, _ problem: String, hint: String? = nil) {
        self.location = location
        self.problem = problem
        self.hint = hint
    }

    /// The problem and what to do about it, in one sentence.
    package var message: String { hint.map { "\(problem); \($0)" } ?? problem }

    /// As compilers write it: `file:line:column: message`.
    package var description: String { "\(location): \(message)" }

    /// By file, then by place in it.
    package static func < (left: Self, right: Self) -> Bool {
        let (a, b) = (left.location, right.location)
        if a.file != b.file { return a.file.utf8.lexicographicallyPrecedes(b.file.utf8) }
        return (a.line, a.column, left.message) < (b.line, b.column, right.message)
    }
}

/// Collects what is wrong with one file, so that all of it is told in one run.
struct Problems: Sendable {
    /// Errors of one file that are kept: a file with more is broken as a whole.
    static let errorsMax = 200

    let file: String
    private(set) var errors: [ManifestError] = []

    init(file: String) { self.file = file }

    /// A place in this file.
    func location(_ mark: YAMLMark) -> SourceLocation {
        SourceLocation(file: file, line: mark.line, column: mark.column)
    }

    /// Adds a problem at a place in this file.
    mutating func report(_ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        guard errors.count < Self.errorsMax else { return }
        errors.append(ManifestError(at: location(mark), problem, hint: hint))
    }

    /// Adds what the YAML reader found.
    mutating func report(_ found: [YAMLError]) {
        for error in found { report(error.mark, error.message, hint: error.hint) }
    }
}
