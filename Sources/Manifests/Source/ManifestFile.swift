/// What one file of a source declares: nothing but a function of its path and its bytes, so that it can be kept.
struct ManifestFile: Sendable {
    private(set) var drafts: [ManifestDraft] = []
    private(set) var errors: [ManifestError] = []
    /// Whether every document could be read far enough to know its kind and name.
    private(set) var isWhole = true

    /// Whether a file of that name is looked at at all.
    static func isCandidate(_ path: String) -> Bool { isJSON(path) || isYAML(path) }

    private static func isYAML(_ path: String) -> Bool {
        let end = path.suffix(5).lowercased()
        return end == ".yaml" || end.hasSuffix(".yml")
    }

    private static func isJSON(_ path: String) -> Bool { path.suffix(5).lowercased() == ".json" }

    /// Reads all documents of the file and collects what is wrong with them.
    init(path: String, bytes: [UInt8], limits: YAMLReader.Limits = .init()) {
        var problems = Problems(file: path)
        do throws(YAMLError) {
            if Self.isJSON(path) {
                // A broken JSON file is ours only if it looks like it: a source may hold any others.
                guard bytes.contains("\"apiVersion\"") else { return }
                add(try YAMLReader.json(bytes, limits: limits), isJSON: true, &problems)
            } else {
                try YAMLReader.read(bytes, limits: limits) { document in add(document, isJSON: false, &problems) }
            }
        } catch {
            isWhole = false
            problems.report([error])
        }
        errors = problems.errors
    }

    /// A file that can't be read at all.
    init(path: String, unreadable problem: String, hint: String) {
        errors = [ManifestError(at: SourceLocation(file: path, line: 1, column: 1), problem, hint: hint)]
        isWhole = false
    }

    private mutating func add(_ document: YAMLDocument, isJSON: Bool, _ problems: inout Problems) {
        let root = document.root
        switch Membership(of: root, isJSON: isJSON) {
        case .foreign: return
        case .doubtful(let mark, let problem, let hint):
            isWhole = false
            problems.report(document.errors)
            problems.report(mark, problem, hint: hint)
        case .ours:
            let errorsBefore = problems.errors.count
            problems.report(document.errors)
            guard var draft = ManifestDraft(root, &problems) else {
                isWhole = false
                return
            }
            if problems.errors.count > errorsBefore { draft.content = .invalid }
            drafts.append(draft)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ word: StaticString) -> Bool {
        let word = Array("\(word)".utf8)
        guard let first = word.first else { return true }
        var rest = self[...]
        while let start = rest.firstIndex(of: first) {
            if rest[start...].starts(with: word) { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }
}

/// Whether a document is a manifest of ours.
enum Membership {
    case ours
    /// Of another `apiVersion` group, or nothing.
    case foreign
    /// Nobody's for certain: a slip of the keyboard must not make a manifest disappear.
    case doubtful(YAMLMark, problem: String, hint: String?)

    init(of root: YAMLNode, isJSON: Bool) {
        guard !root.isNull else {
            self = .foreign
            return
        }
        guard let entries = root.entries else {
            self =
                isJSON
                ? .foreign
                : .doubtful(root.mark, problem: "a manifest must be a mapping, not \(root.kind)", hint: Self.ignoreHint)
            return
        }
        guard let entry = entries.first(where: { $0.key == "apiVersion" }), !entry.value.isNull else {
            self = isJSON ? .foreign : Self.withoutVersion(root, entries)
            return
        }
        guard let text = entry.value.text else {
            self = .doubtful(entry.value.mark, problem: "apiVersion must be text, not \(entry.value.kind)", hint: nil)
            return
        }
        self = Self.judge(text, at: entry.value.mark)
    }

    private static let apiVersion = "\(EnvelopeFields.group)/\(EnvelopeFields.version)"
    private static let ignoreHint = "a file that holds no manifests can be named in \(IgnoreRules.fileName)"

    private static func withoutVersion(_ root: YAMLNode, _ entries: [YAMLEntry]) -> Self {
        let near = entries.first { Suggestion.closest(to: $0.key, among: ["apiVersion"]) != nil }
        if let near {
            return .doubtful(
                near.keyMark, problem: "a manifest without apiVersion, but with \(Quoted(near.key))",
                hint: "did you mean 'apiVersion'?")
        }
        return .doubtful(
            root.mark, problem: "a mapping without apiVersion",
            hint: "a manifest begins with apiVersion: \(apiVersion); \(ignoreHint)")
    }

    private static func judge(_ text: String, at mark: YAMLMark) -> Self {
        if text == apiVersion { return .ours }
        let group = String(text.prefix { $0 != "/" })
        if group == EnvelopeFields.group {
            return .doubtful(
                mark, problem: "\(Quoted(text)) is not supported by this version",
                hint: "write apiVersion: \(apiVersion)")
        }
        guard Suggestion.closest(to: group, among: [EnvelopeFields.group]) != nil else { return .foreign }
        return .doubtful(mark, problem: "the unknown apiVersion \(Quoted(text))", hint: "did you mean '\(apiVersion)'?")
    }
}
