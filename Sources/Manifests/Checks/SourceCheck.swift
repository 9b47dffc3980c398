/// Holds the documents of a source against each other.
struct SourceCheck {
    let drafts: [ManifestDraft]
    /// Whether every document of the source is among them: a name that is missing may else be in the part that could
    /// not be read.
    let isWhole: Bool
    /// The declared documents by kind and name.
    let names: [DocumentKind: [String: Int]]
    /// The declared packages that adopt a live one, by its id.
    let packagesByID: [String: String]
    /// What objects are called on the platform, where that differs from their name here.
    let apiNames: [DocumentKind: [String: String]]
    private(set) var errors: [ManifestError] = []
    private(set) var warnings: [ManifestError] = []
    private var suggestions: [DocumentKind: [String: String?]] = [:]
    private var searches = 0

    init(_ drafts: [ManifestDraft], isWhole: Bool) {
        self.drafts = drafts
        self.isWhole = isWhole
        var names: [DocumentKind: [String: Int]] = [:]
        for (index, draft) in drafts.enumerated() where names[draft.kind]?[draft.name.value] == nil {
            names[draft.kind, default: [:]][draft.name.value] = index
        }
        self.names = names
        (packagesByID, apiNames) = Self.otherNames(of: drafts)
        checkIdentities()
        checkReferences()
        checkDependencies()
    }

    /// Adds an error at a place in a draft's file.
    mutating func report(_ draft: ManifestDraft, _ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        errors.append(ManifestError(at: draft.location(mark), problem, hint: hint))
    }

    /// Adds a warning at a place in a draft's file.
    mutating func warn(_ draft: ManifestDraft, _ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        warnings.append(ManifestError(at: draft.location(mark), problem, hint: hint))
    }

    private static func otherNames(
        of drafts: [ManifestDraft]
    ) -> (packagesByID: [String: String], apiNames: [DocumentKind: [String: String]]) {
        var packagesByID: [String: String] = [:]
        var apiNames: [DocumentKind: [String: String]] = [:]
        for draft in drafts {
            let apiName: String
            switch draft.content {
            case .package(let manifest):
                if let id = manifest.adoptedID { packagesByID[id] = manifest.header.name }
                apiName = manifest.apiName
            case .cluster(let manifest): apiName = manifest.apiName
            case .packageVersion, .install, .settings, .invalid: continue
            }
            if apiName != draft.name.value { apiNames[draft.kind, default: [:]][apiName] = draft.name.value }
        }
        return (packagesByID, apiNames)
    }

    /// The declared name that was probably meant.
    ///
    /// Thousands of installs may name one cluster that is not declared here, so answers are kept; and a source in which
    /// hundreds of names are strange is not searched for every one of them.
    mutating func suggestion(for name: String, kind: DocumentKind) -> String? {
        if let known = suggestions[kind]?[name] { return known }
        guard searches < 200 else { return nil }
        searches += 1
        let declared = names[kind]?.keys.sorted() ?? []
        let near = Suggestion.closest(to: name, among: declared)
        suggestions[kind, default: [:]][name] = .some(near)
        return near
    }
}
