internal import JSON

/// A value with the place where it is written, for checks that come after its own file.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var mark: YAMLMark
}

extension FieldRule {
    /// The same value together with its place.
    var located: FieldRule<Located<Value>> { map { value, mark, _, _ in Located(value: value, mark: mark) } }
}

extension FieldRule where Value == Reference {
    /// A name: of a manifest here, or in the workspace; taken as an id when nothing has it.
    static func name(max: Int) -> Self {
        FieldRule<String>.text(1...max).map { text, _, _, _ in .name(text) }
            .told(as: "name", "1 to \(max) characters")
    }

    /// An id of the platform's, which begins with `prefix` if the platform prefixes ids of that kind.
    static func id(_ prefix: String?, max: Int) -> Self {
        FieldRule<String>.identifier(prefix, max: max).map { text, _, _, _ in .id(text) }
    }
}

extension FieldRule where Value == String {
    /// An id of the platform's; one that shows the prefix of another kind of object is refused, a bare one is taken.
    static func identifier(_ prefix: String?, max: Int) -> Self {
        text(1...max, form: .identifier).map { text, mark, name, problems in
            guard let found = Self.kinds.first(where: { text.hasPrefix($0.prefix) }), found.prefix != prefix else {
                return text
            }
            problems.report(
                mark, "\(name) is the id of \(found.kind): \(Quoted(text))",
                hint: prefix.map { "an id for this field begins with \($0)" })
            return nil
        }
        .told(
            as: "id",
            "as the platform gives it" + (prefix.map { ", such as `\($0)…`" } ?? "") + "; up to \(max) characters")
    }

    /// The prefixes that are known; longer ones before those that they begin with.
    private static var kinds: [(prefix: String, kind: String)] {
        [
            ("ws_", "a workspace"), ("op_", "an operation"), ("clu_", "a cluster"), ("pkg_", "a package"),
            ("inst_", "an install"), ("rnd_", "a render"), ("repo_", "a repository"), ("rcr_", "a change request"),
            ("prod_", "a product"), ("secv_", "a secret's version"), ("sec_", "a secret"), ("mch_", "a machine"),
            ("org_", "an organization"),
        ]
    }
}

extension FieldRule where Value == ObjectReference {
    /// `Kind/name` of a manifest in the same source.
    static var object: Self {
        let kinds = Kind.allCases.map(\.rawValue)
        return FieldRule<String>.text(1...200).map { text, mark, name, problems in
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, TextForm.name.accepts(parts[1]) else {
                problems.report(
                    mark, "\(name) must be a kind, a slash and a name, such as Install/postgres, not \(Quoted(text))")
                return nil
            }
            guard let kind = Kind(rawValue: parts[0]) else {
                problems.report(
                    mark, "\(name) has the unknown kind \(Quoted(parts[0]))",
                    hint: Suggestion.hint(for: parts[0], among: kinds))
                return nil
            }
            return ObjectReference(kind, parts[1])
        }
        .told(as: "`Kind/name`", "up to 200 characters")
    }
}

extension FieldRule where Value == VersionSelector {
    /// An exact version, a range in npm's syntax, or `latest`.
    static var version: Self {
        FieldRule<String>.text(1...256).map { text, mark, name, problems in
            if text == "latest" { return .latest }
            if SemanticVersion(text) != nil { return .exact(text) }
            if let range = VersionRange(text) { return .range(range) }
            problems.report(
                mark,
                "\(name) must be an exact version, a range such as ~1.4 or '>=1.4 <2', or latest,"
                    + " not \(Quoted(text))",
                hint: Suggestion.hint(for: text, among: ["latest"]))
            return nil
        }
        .told(as: "version", "exact, a range as npm writes it, or `latest`; up to 256 characters")
    }
}

extension TextForm {
    /// Strict SemVer 2.
    static let semver = TextForm(
        pattern: #"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"#
            + #"(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?"#
            + #"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"#,
        sentence: "a semantic version such as 1.4.0"
    ) { SemanticVersion($0) != nil }
}
