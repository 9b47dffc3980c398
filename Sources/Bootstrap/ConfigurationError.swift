package import Manifests

/// One thing that is wrong with the configuration, and where; it ends a command with exit code 78.
///
/// No value of a secret is ever part of it (I11): what is read from a secret's file is never quoted.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Who said it.
    package enum Place: Hashable, Sendable, CustomStringConvertible {
        case file(SourceLocation)
        /// The file as a whole.
        case wholeFile(String)
        /// The variable of that name.
        case environment(String)
        /// The option of that name, without its dashes.
        case flag(String)
        /// Nobody: what is missing everywhere, by its path in the file.
        case key(String)

        package var description: String {
            switch self {
            case .file(let location): location.description
            case .wholeFile(let path): path
            case .environment(let name): name
            case .flag(let name): "--\(name)"
            case .key(let path): path
            }
        }
    }

    package var place: Place
    /// One clause, without the place and without a full stop.
    package var problem: String
    /// What to do about it.
    package var hint: String?

    package init(at place: Place, _ problem: String, hint: String? = nil) {
        self.place = place
        self.problem = problem
        self.hint = hint
    }

    package var description: String { "\(place): \(problem)\(hint.map { "; \($0)" } ?? "")" }
}

/// Everything that is wrong with the configuration, told in one run: the file first, in its order.
package struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package var errors: [ConfigurationError]

    package init(_ errors: [ConfigurationError]) { self.errors = errors }

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
