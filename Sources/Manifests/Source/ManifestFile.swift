/// What one file of a source declares: nothing but a function of its path and its bytes, so that it can be kept.
struct ManifestFile: Sendable {
    private(set) var drafts: [ManifestDraft] = []
    private(set) var errors: [ManifestError] = []
    /// Documents that are nobody's, unless the file turns out to be read by a manifest.
    private(set) var doubts: [ManifestError] = []
    /// Whether every document of ours could be read far enough to know its kind and name.
    private(set) var isWhole = true
    /// Whether any of the drafts reads other files.
    private(set) var readsData = false
    /// Members and items of the JSON in its drafts.
    private(set) var weight = 0

    /// Whether a file of that name is looked at at all.
    static func isCandidate(_ path: String) -> Bool { isJSON(path) || isYAML(path) }

    private static func isYAML(_ path: String) -> Bool {
        RepositoryPath.hasExtension(".yaml", path) || RepositoryPath.hasExtension(".yml", path)
    }

    private static func isJSON(_ path: String) -> Bool { RepositoryPath.hasExtension(".json", path) }

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
        case .nobodys(let mark, let problem):
            doubts.append(ManifestError(at: problems.location(mark), problem, hint: Membership.hint))
        case .misspelt(let mark, let problem, let hint):
            isWhole = false
            problems.report(document.errors)
            problems.report(mark, problem, hint: hint)
        case .ours:
            guard let draft = ManifestDraft.read(document, &problems) else {
                isWhole = false
                return
            }
            drafts.append(draft)
            readsData = readsData || !draft.dataFiles.isEmpty
            weight += draft.weight
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

/// Whether a document is a manifest of ours: a slip of the keyboard must not make one disappear.
enum Membership {
    case ours
    /// Of another `apiVersion` group, or nothing.
    case foreign
    /// Without any `apiVersion`.
    case nobodys(YAMLMark, problem: String)
    /// Probably ours.
    case misspelt(YAMLMark, problem: String, hint: String?)

    private static let apiVersion = "\(EnvelopeFields.group)/\(EnvelopeFields.version)"
    static let hint =
        "a manifest begins with apiVersion: \(apiVersion);"
        + " a file that holds no manifests can be named in \(IgnoreRules.fileName)"

    init(of root: YAMLNode, isJSON: Bool) {
        guard !root.isNull else {
            self = .foreign
            return
        }
        guard let entries = root.entries else {
            self = isJSON ? .foreign : .nobodys(root.mark, problem: "\(root.kind) where a manifest should be")
            return
        }
        guard let entry = entries.first(where: { $0.key == "apiVersion" }), !entry.value.isNull else {
            self = isJSON ? .foreign : Self.withoutVersion(root, entries)
            return
        }
        guard let text = entry.value.text else {
            self = .misspelt(entry.value.mark, problem: "apiVersion must be text, not \(entry.value.kind)", hint: nil)
            return
        }
        self = Self.judge(text, at: entry.value.mark)
    }

    private static func withoutVersion(_ root: YAMLNode, _ entries: [YAMLEntry]) -> Self {
        guard let near = entries.first(where: { Suggestion.closest(to: $0.key, among: ["apiVersion"]) != nil }) else {
            return .nobodys(root.mark, problem: "a mapping without apiVersion")
        }
        return .misspelt(
            near.keyMark, problem: "a manifest without apiVersion, but with \(Quoted(near.key))",
            hint: "did you mean 'apiVersion'?")
    }

    private static func judge(_ text: String, at mark: YAMLMark) -> Self {
        if text == apiVersion { return .ours }
        let group = String(text.prefix { $0 != "/" })
        if group == EnvelopeFields.group {
            return .misspelt(
                mark, problem: "\(Quoted(text)) is not supported by this version",
                hint: "write apiVersion: \(apiVersion)")
        }
        guard Suggestion.closest(to: group, among: [EnvelopeFields.group]) != nil else { return .foreign }
        return .misspelt(mark, problem: "the unknown apiVersion \(Quoted(text))", hint: "did you mean '\(apiVersion)'?")
    }
}
