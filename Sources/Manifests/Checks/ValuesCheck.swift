internal import JSON

/// Holds the values of installs against the input schema of the version that each gets.
///
/// Only for what is declared here: the versions of other packages, and what a product installs, the workspace knows.
struct ValuesCheck {
    /// Something wrong in values or in a schema, by the way to it; the place is looked up later, in the few files that
    /// have errors.
    struct Finding {
        enum Place {
            /// In the merged values of an install.
            case values([String])
            /// In the input schema of a version.
            case schema([String])
        }
        var draft: ManifestDraft
        var place: Place
        /// Whether the name is at fault, not its value.
        var isAboutName = false
        var problem: String
        var hint: String?
    }

    private(set) var findings: [Finding] = []
    private(set) var warnings: [ManifestError] = []

    private let check: SourceCheck
    private let data: [String: LoadedDataFile]
    /// The drafts of the versions of each package declared here, by its name.
    private var versions: [String: [(semver: SemanticVersion, draft: ManifestDraft)]] = [:]
    private var schemas: [ObjectIdentifier: InputSchema] = [:]

    init(_ check: SourceCheck, data: [String: LoadedDataFile]) {
        self.check = check
        self.data = data
        for draft in check.drafts(of: .packageVersion) { compileSchema(of: draft) }
        for draft in check.drafts(of: .install) { checkValues(of: draft) }
    }

    private mutating func compileSchema(of draft: ManifestDraft) {
        guard case .packageVersion(let manifest) = draft.content,
            let semver = SemanticVersion(manifest.value.semver)
        else { return }
        versions[check.declaredName(of: manifest.value.package), default: []].append((semver, draft))
        let object = draft.dataFiles.first.flatMap { data[$0.path]?.content.object } ?? manifest.value.inputSchema
        do throws(InputSchemaError) {
            schemas[ObjectIdentifier(draft)] = try InputSchema(compiling: .object(object))
        } catch {
            let problem = "the inputSchema of \(draft.title) can't be used: \(error.sentence)"
            if error.isBeyondUs {
                warn(draft, "\(problem); values are not checked against it")
            } else {
                findings.append(
                    Finding(draft: draft, place: .schema(JSONPointer.steps(of: error.location)), problem: problem))
            }
        }
    }

    private mutating func checkValues(of draft: ManifestDraft) {
        guard case .install(let manifest) = draft.content else { return }
        guard case .package(let reference, let selector) = manifest.target else {
            warn(draft, "the values of \(draft.title) are not checked: what its product installs, the workspace knows")
            return
        }
        let name = check.declaredName(of: reference)
        guard let candidates = versions[name] else {
            warn(draft, "the values of \(draft.title) are not checked: no version of its package is declared here")
            return
        }
        // Without a version there is a warning already; without a schema as well.
        guard let version = Self.choose(selector, among: candidates), let schema = schemas[ObjectIdentifier(version)]
        else { return }
        let layers = draft.dataFiles.lazy.compactMap { [data] in data[$0.path] }
        let values = layers.isEmpty ? manifest.values : draft.values(manifest.values, over: layers).values
        for violation in schema.validate(.object(values)) {
            let path = violation.path.map { "." + Quoted.clean($0) }.joined()
            findings.append(
                Finding(
                    draft: draft, place: .values(violation.path), isAboutName: violation.demand.isAboutName,
                    problem: "\(draft.title): by \(version.title), values\(path) \(violation.sentence)"))
        }
    }

    /// The version that an install gets, of those that are declared: as the planner chooses among what it sees.
    private static func choose(
        _ selector: VersionSelector, among candidates: [(semver: SemanticVersion, draft: ManifestDraft)]
    ) -> ManifestDraft? {
        let chosen: SemanticVersion? =
            switch selector {
            case .exact(let semver): SemanticVersion(semver)
            case .range(let range): range.highest(among: candidates.map(\.semver))
            case .latest:
                candidates.map(\.semver).filter { !$0.isPrerelease }.max() ?? candidates.map(\.semver).max()
            }
        return candidates.first { $0.semver == chosen }?.draft
    }

    private mutating func warn(_ draft: ManifestDraft, _ problem: String) {
        warnings.append(ManifestError(at: draft.location(draft.places.version ?? draft.name.mark), problem))
    }
}

extension Demand {
    /// Whether a property's name is at fault, not its value.
    fileprivate var isAboutName: Bool {
        switch self {
        case .known, .absent, .name: true
        default: false
        }
    }
}

extension InputSchemaError {
    /// Whether the schema may well be right, and only this check can't follow it.
    fileprivate var isBeyondUs: Bool {
        switch problem {
        case .unknownDialect, .unknownVocabulary, .unknownDocument, .badPattern, .tooDeep, .tooLarge: true
        case .notASchema, .badKeyword, .listOfItems, .malformedReference, .danglingReference, .duplicateIdentifier:
            false
        }
    }
}
