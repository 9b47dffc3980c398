internal import JSON
internal import Synchronization

/// The kinds of document that a source can hold.
enum DocumentKind: String, Hashable, Sendable, CaseIterable {
    case package = "Package"
    case packageVersion = "PackageVersion"
    case cluster = "Cluster"
    case install = "Install"
    case settings = "Settings"

    /// The kind of object it declares; nil for Settings.
    var object: Kind? {
        switch self {
        case .package: .package
        case .packageVersion: .packageVersion
        case .cluster: .cluster
        case .install: .install
        case .settings: nil
        }
    }

    /// The kind of document that declares such an object.
    init(_ kind: Kind) {
        switch kind {
        case .package: self = .package
        case .packageVersion: self = .packageVersion
        case .cluster: self = .cluster
        case .install: self = .install
        }
    }
}

/// One document of ours, as far as its own file tells: other files and other documents have not been looked at.
///
/// A class although it never changes: thousands of them are kept from one commit to the next and handed around, which
/// costs next to nothing for a reference and milliseconds for as many large values.
final class ManifestDraft: Sendable {
    enum Content: Sendable {
        case package(Shared<PackageManifest>)
        case packageVersion(Shared<PackageVersionManifest>)
        case cluster(Shared<ClusterManifest>)
        case install(InstallManifest)
        case settings(Shared<Settings>)
        /// Something is wrong with it that is already reported; its name is taken all the same.
        case invalid
    }
    /// Where the fields are written that are checked against other documents; nil when left out.
    struct Places: Sendable {
        var package: YAMLMark?
        var version: YAMLMark?
        var cluster: YAMLMark?
        /// `spec.name`.
        var apiName: YAMLMark?
        var adoptedID: YAMLMark?
    }
    /// A file that the manifest reads through `valuesFrom` or `inputSchemaFile`.
    struct DataReference: Sendable {
        /// From the root of the repository.
        var path: String
        var mark: YAMLMark
    }

    let file: String
    let kind: DocumentKind
    let name: Located<String>
    let content: Content
    let places: Places
    /// The live object that the manifest adopts, if it does.
    let adoptedID: String?
    let dependsOn: [Located<ObjectReference>]
    let dataFiles: [DataReference]
    /// Members and items of the JSON in it.
    let weight: Int
    private let merged = Mutex<MergedValues?>(nil)

    init(file: String, kind: DocumentKind, name: Located<String>, spec: Spec) {
        self.file = file
        self.kind = kind
        self.name = name
        content = spec.content
        places = spec.places
        adoptedID = spec.adoptedID
        dependsOn = spec.dependsOn
        dataFiles = spec.dataFiles
        weight = spec.content.weight
    }

    /// What a document's `spec` says.
    struct Spec {
        var content = Content.invalid
        var places = Places()
        var adoptedID: String?
        var dependsOn: [Located<ObjectReference>] = []
        var dataFiles: [DataReference] = []
    }

    /// The values of an install: those of the files with its own over them; put together again only when a file has
    /// changed since the last time.
    func values(_ own: JSONObject, over layers: some Sequence<LoadedDataFile>) -> MergedValues {
        merged.withLock { merged in
            if let merged, merged.isMadeOf(layers) { return merged }
            let values = MergedValues(own, over: layers)
            merged = values
            return values
        }
    }

    /// The identity in the words of messages.
    var title: String { "\(kind.rawValue)/\(name.value)" }

    /// The identity of the object that is declared; nil for Settings.
    var reference: ObjectReference? { kind.object.map { ObjectReference($0, name.value) } }

    /// A place in the draft's file.
    func location(_ mark: YAMLMark) -> SourceLocation {
        SourceLocation(file: file, line: mark.line, column: mark.column)
    }
}

extension ManifestDraft.Content {
    fileprivate var weight: Int {
        switch self {
        case .package(let manifest):
            if case .helm(let chart) = manifest.value.source { chart.values?.weight ?? 0 } else { 0 }
        case .packageVersion(let manifest): manifest.value.inputSchema.weight
        case .install(let manifest): manifest.values.weight
        case .cluster, .settings, .invalid: 0
        }
    }
}
