/// Holds the documents of a source against each other.
struct SourceCheck {
    let drafts: [ManifestDraft]
    /// Whether every document of the source is among them: a name that is missing may else be in the part that could
    /// not be read.
    let isWhole: Bool
    /// Where in ``drafts`` each declared name is.
    let names: NameIndex
    /// Everything but installs, of which there are the most by far; so what is not about them needs no look at them.
    private(set) var others: [ManifestDraft] = []
    /// Those that adopt a live object.
    private(set) var adopting: [ManifestDraft] = []
    /// Where in ``drafts`` those are that depend on others.
    private(set) var depending: [Int] = []
    /// The declared packages that adopt a live one, by its id.
    private(set) var packagesByID: [String: String] = [:]
    /// What objects are called on the platform, where that differs from their name here.
    private(set) var apiNames: [DocumentKind: [String: String]] = [:]
    private(set) var errors: [ManifestError] = []
    private(set) var warnings: [ManifestError] = []
    private var doubts: [Key: Doubt?] = [:]
    private var searches = 0

    /// A warning for every place that refers to a name.
    struct Doubt {
        var problem: String
        var hint: String
    }
    private struct Key: Hashable {
        var kind: DocumentKind
        var name: String
    }

    init(_ drafts: [ManifestDraft], isWhole: Bool) {
        self.drafts = drafts
        self.isWhole = isWhole
        names = NameIndex(drafts)
        for (index, draft) in drafts.enumerated() {
            if draft.kind != .install { others.append(draft) }
            if draft.adoptedID != nil { adopting.append(draft) }
            if !draft.dependsOn.isEmpty { depending.append(index) }
        }
        findOtherNames()
        checkIdentities()
        checkReferences()
        checkDependencies()
    }

    /// The drafts of one kind, in their order.
    func drafts(of kind: DocumentKind) -> some Sequence<ManifestDraft> {
        (kind == .install ? drafts : others).lazy.filter { $0.kind == kind }
    }

    /// Adds an error at a place in a draft's file.
    mutating func report(_ draft: ManifestDraft, _ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        errors.append(ManifestError(at: draft.location(mark), problem, hint: hint))
    }

    /// Adds a warning at a place in a draft's file.
    mutating func warn(_ draft: ManifestDraft, _ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        warnings.append(ManifestError(at: draft.location(mark), problem, hint: hint))
    }

    private mutating func findOtherNames() {
        for draft in others {
            let apiName: String
            switch draft.kind {
            case .package:
                guard case .package(let manifest) = draft.content else { continue }
                if let id = manifest.value.adoptedID { packagesByID[id] = draft.name.value }
                apiName = manifest.value.apiName
            case .cluster:
                guard case .cluster(let manifest) = draft.content else { continue }
                apiName = manifest.value.apiName
            case .packageVersion, .install, .settings: continue
            }
            if apiName != draft.name.value { apiNames[draft.kind, default: [:]][apiName] = draft.name.value }
        }
    }

    /// What is doubtful about a name that installs or versions refer to; nil when nothing is.
    ///
    /// Thousands of installs may name one cluster, so answers are kept.
    mutating func doubt(about name: String, _ kind: DocumentKind) -> Doubt? {
        let key = Key(kind: kind, name: name)
        if let known = doubts[key] { return known }
        let doubt = newDoubt(about: name, kind)
        doubts[key] = .some(doubt)
        return doubt
    }

    private mutating func newDoubt(about name: String, _ kind: DocumentKind) -> Doubt? {
        guard names.index(of: name, kind) == nil else { return nil }
        if let declared = apiNames[kind]?[name] {
            return Doubt(
                problem: "\(Quoted(name)) is what \(kind.rawValue)/\(declared) is called on the platform",
                hint: "refer to it by metadata.name: \(declared)")
        }
        return suggestion(for: name, kind: kind).map {
            Doubt(
                problem: "no \(kind.rawValue) \(Quoted(name)) is declared here",
                hint: "if it is not one of the workspace, did you mean \(Quoted($0))?")
        }
    }

    /// The declared name that was probably meant; a source in which hundreds of names are strange is not searched for
    /// every one of them.
    mutating func suggestion(for name: String, kind: DocumentKind) -> String? {
        guard searches < 200 else { return nil }
        searches += 1
        return Suggestion.closest(to: name, among: drafts(of: kind).map(\.name.value).sorted())
    }
}

/// Where the declared names of each kind are, and which of them collide.
struct NameIndex: Sendable {
    private struct Key: Hashable {
        var kind: DocumentKind
        var name: String
    }

    /// Documents whose name was there before, in the same or another case, each with the one that was first.
    private(set) var collisions: [(index: Int, first: Int)] = []
    /// By names in lower case: they are ASCII, and most of them have no capitals.
    private var folded: [Key: Int]
    /// Exact names of documents that collide with another one.
    private var others: [Key: Int] = [:]
    private let drafts: [ManifestDraft]

    init(_ drafts: [ManifestDraft]) {
        self.drafts = drafts
        folded = Dictionary(minimumCapacity: drafts.count)
        for (index, draft) in drafts.enumerated() {
            let key = Key(kind: draft.kind, name: Self.folded(draft.name.value))
            let first = folded[key, default: index]
            guard first != index else {
                folded[key] = index
                continue
            }
            collisions.append((index, first))
            others[Key(kind: draft.kind, name: draft.name.value)] = index
        }
    }

    private static func folded(_ name: String) -> String {
        name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? name.lowercased() : name
    }

    /// Where the document of exactly that kind and name is.
    func index(of name: String, _ kind: DocumentKind) -> Int? {
        guard let index = folded[Key(kind: kind, name: Self.folded(name))] else { return nil }
        return drafts[index].name.value == name ? index : others[Key(kind: kind, name: name)]
    }
}
