import Manifests

/// Reads one item of `sources`, reporting all that is wrong with it.
struct SourceReader {
    /// The names a mapping may have, and those of the contract whose behaviour this build does not have.
    private struct Fields {
        var name: String
        var known: [String]
        var unsupported: [String]

        /// Those of the mapping at `path`, as ``SourceKeys`` has them; of the source itself without one.
        init(_ name: String, at path: String = "") {
            self.name = name
            known = SourceKeys.names(at: path, among: SourceKeys.all.map(\.path))
            unsupported = SourceKeys.names(at: path, among: SourceKeys.unsupported)
        }
    }

    private static let source = Fields("the source")
    private static let ref = Fields("ref", at: "ref")
    private static let auth = Fields("auth", at: "auth")
    private static let api = Fields("api", at: "api")

    private let file: ConfigurationFile
    private let variables: PathVariables
    private(set) var errors: [ConfigurationError] = []

    init(file: ConfigurationFile, variables: PathVariables) {
        self.file = file
        self.variables = variables
    }

    /// The source, with the token of the whole configuration unless it has its own; nil when something is wrong.
    mutating func read(_ node: YAMLNode, token: SecretSource?, workspace: String?) -> Configuration.Source? {
        let before = errors.count
        guard let fields = mapping(node, Self.source) else { return nil }
        let name = required("name", in: fields, of: node, SourceRules.name)
        let formerNames = formerNames(fields["formerNames"])
        let url = required("url", in: fields, of: node, SourceRules.url(relativeTo: file.path))
        let ref = section(fields["ref"], Self.ref)
        let auth = section(fields["auth"], Self.auth)
        let api = section(fields["api"], Self.api)
        let branch = value(ref["branch"], "ref.branch", SourceRules.branch)
        let path = value(fields["path"], "path", SourceRules.folder)
        let interval = value(fields["pollInterval"], "pollInterval", SourceRules.pollInterval)
        let username = value(auth["usernameFile"], "auth.usernameFile", Rules.secretFile)
        let password = value(auth["passwordFile"], "auth.passwordFile", Rules.secretFile)
        let ownWorkspace = value(api["workspace"], "api.workspace", Rules.workspace)
        let ownToken = value(api["tokenFile"], "api.tokenFile", Rules.secretFile)
        checkAuth(auth, url: url)
        guard errors.count == before, let name, let url, let token = ownToken ?? token else { return nil }
        return Configuration.Source(
            name: name, formerNames: formerNames, url: url,
            branch: branch ?? SourceKeys.branchDefault, path: path ?? "",
            pollInterval: interval ?? SourceKeys.pollIntervalDefault,
            credentials: password.map { Configuration.Credentials(username: username, password: $0) },
            workspace: ownWorkspace ?? workspace, token: token, location: file.location(node.mark))
    }

    /// The entries of a mapping by name, without those that say nothing; unknown ones are reported.
    private mutating func mapping(_ node: YAMLNode, _ fields: Fields) -> [String: YAMLEntry]? {
        guard let entries = node.entries else {
            report(node.mark, "\(fields.name) must be a mapping, not \(node.kind)")
            return nil
        }
        var found: [String: YAMLEntry] = [:]
        for entry in entries {
            let isSaid = !entry.value.isNull
            if fields.known.contains(entry.key) {
                if isSaid { found[entry.key] = entry }
            } else if fields.unsupported.contains(entry.key) {
                if isSaid { report(entry.keyMark, "\(entry.key) in \(fields.name) is not supported by this version") }
            } else {
                report(
                    entry.keyMark, "unknown key \(Quoted(entry.key)) in \(fields.name)",
                    hint: Suggestion.hint(for: entry.key, among: fields.known))
            }
        }
        return found
    }

    private mutating func section(_ entry: YAMLEntry?, _ fields: Fields) -> [String: YAMLEntry] {
        entry.flatMap { mapping($0.value, fields) } ?? [:]
    }

    private mutating func required<Value>(
        _ name: String, in fields: [String: YAMLEntry], of node: YAMLNode, _ rule: Rule<Value>
    ) -> Value? {
        if let entry = fields[name] { return value(entry, name, rule) }
        report(node.mark, "the source needs \(name)")
        return nil
    }

    private mutating func value<Value>(_ entry: YAMLEntry?, _ name: String, _ rule: Rule<Value>) -> Value? {
        entry.flatMap { value($0.value, name, rule) }
    }

    private mutating func value<Value>(_ node: YAMLNode, _ name: String, _ rule: Rule<Value>) -> Value? {
        guard let text = node.text else {
            report(node.mark, "\(name) must be a single value, not \(node.kind)")
            return nil
        }
        do throws(InvalidValue) {
            return try rule.read(text, variables)
        } catch {
            report(node.mark, "\(name) \(error.problem)", hint: error.hint)
            return nil
        }
    }

    private mutating func formerNames(_ entry: YAMLEntry?) -> [String] {
        guard let entry else { return [] }
        guard let items = entry.value.items else {
            report(entry.value.mark, "formerNames must be a list, not \(entry.value.kind)")
            return []
        }
        var names: [String] = []
        for item in items {
            if let name = value(item, "formerNames", SourceRules.name) { names.append(name) }
        }
        return names
    }

    private mutating func checkAuth(_ auth: [String: YAMLEntry], url: String?) {
        guard let first = auth.values.map(\.keyMark).min() else { return }
        if let url, !url.hasPrefix("http") {
            report(first, "auth has no use for a repository on this machine", hint: "remove it")
        } else if auth["passwordFile"] == nil {
            report(first, "auth needs passwordFile", hint: "for a token without a user name it is enough")
        }
    }

    private mutating func report(_ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        errors.append(ConfigurationError(at: .file(file.location(mark)), problem, hint: hint))
    }
}
