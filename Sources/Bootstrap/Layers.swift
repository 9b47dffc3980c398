import Manifests

/// The layers in which a setting can be given; a higher one wins, and what is wrong in any of them is an error.
///
/// flag > environment > file > default. An invalid value is never a reason to look lower.
struct Layers {
    let file: ConfigurationFile
    let environment: [String: String]
    let flags: [String: String]
    let variables: PathVariables
    private(set) var errors: [ConfigurationError] = []

    init(file: ConfigurationFile, environment: [String: String], flags: [String: String]) {
        self.file = file
        self.environment = environment
        self.flags = flags
        variables = PathVariables(environment: environment)
        errors = file.errors
    }

    /// A value as one layer gives it.
    private struct Given {
        var text: String
        var place: ConfigurationError.Place
        /// Only the file's place says nothing about which key it is.
        var subject: String
    }

    mutating func report(_ error: ConfigurationError) { errors.append(error) }

    /// The setting's value; nil when it is left out, or wrong and so reported.
    mutating func resolve<Value>(_ key: Key<Value>) -> Value? {
        let given = given(key.name)
        guard !given.isEmpty else {
            return key.defaultText.flatMap { read($0, key, at: .key(key.name.path), subject: "") }
        }
        var values: [Value?] = []
        for one in given { values.append(read(one.text, key, at: one.place, subject: one.subject)) }
        return values.first ?? nil
    }

    /// The same, with a variable of somebody else's convention in the place of the default.
    mutating func resolve<Value>(_ key: Key<Value>, orElse variable: String) -> Value? {
        guard !isGiven(key), let text = environment[variable], !text.isEmpty else { return resolve(key) }
        return read(text, key, at: .environment(variable), subject: "")
    }

    /// Whether a layer above the defaults gives it.
    func isGiven<Value>(_ key: Key<Value>) -> Bool { !given(key.name).isEmpty }

    /// Whether a flag gives it.
    func isGivenByFlag<Value>(_ key: Key<Value>) -> Bool { flags[key.name.path] != nil }

    /// Whether a variable of its own gives it.
    func isGivenByEnvironment<Value>(_ key: Key<Value>) -> Bool { environment[key.name.environment]?.isEmpty == false }

    /// Highest first; an empty variable counts as none.
    private func given(_ name: KeyName) -> [Given] {
        var given: [Given] = []
        if let text = flags[name.path] { given.append(Given(text: text, place: .flag(name.flag), subject: "")) }
        if let text = environment[name.environment], !text.isEmpty {
            given.append(Given(text: text, place: .environment(name.environment), subject: ""))
        }
        if let scalar = file.scalars[name.path] {
            given.append(Given(text: scalar.text, place: .file(scalar.location), subject: "\(name.path) "))
        }
        return given
    }

    private mutating func read<Value>(
        _ text: String, _ key: Key<Value>, at place: ConfigurationError.Place, subject: String
    ) -> Value? {
        do throws(InvalidValue) {
            return try key.rule.read(text, variables)
        } catch {
            report(ConfigurationError(at: place, subject + error.problem, hint: error.hint))
            return nil
        }
    }

    /// Reports variables that are a slip away from one of ours: such a one would be without effect, unnoticed.
    mutating func checkVariableNames() {
        let known = Keys.all.map(\.name.environment) + [Keys.tokenVariable]
        for name in environment.keys.sorted() where name.hasPrefix("AKUA_") && !known.contains(name) {
            guard let hint = Suggestion.hint(for: name, among: known) else { continue }
            report(ConfigurationError(at: .environment(name), "no setting is called that", hint: hint))
        }
    }
}
