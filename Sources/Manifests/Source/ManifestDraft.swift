/// The kinds of document that a source can hold.
enum DocumentKind: String, Hashable, Sendable, CaseIterable {
    case package = "Package"
    case packageVersion = "PackageVersion"
    case cluster = "Cluster"
    case install = "Install"
    case settings = "Settings"

    /// The kind of object it declares; nil for Settings.
    var object: Kind? { Kind(rawValue: rawValue) }
}

/// One document of ours, as far as its own file tells: other files and other documents have not been looked at.
struct ManifestDraft: Sendable {
    enum Content: Sendable {
        case package(PackageManifest)
        case packageVersion(PackageVersionManifest, schemaFile: Located<String>?)
        case cluster(ClusterManifest)
        case install(InstallFields.Draft)
        case settings(Settings)
        /// Something is wrong with it that is already reported; its name is taken all the same.
        case invalid
    }
    /// Where the fields are written that are checked against other documents; nil when left out.
    struct Places: Sendable {
        var package: YAMLMark?
        var version: YAMLMark?
        var cluster: YAMLMark?
        /// `spec.name`, or an id that adopts.
        var apiName: YAMLMark?
        var adoptedID: YAMLMark?
    }

    var file: String
    var kind: DocumentKind
    var name: Located<String>
    var content: Content
    var places = Places()

    /// The identity in the words of messages.
    var title: String { "\(kind.rawValue)/\(name.value)" }

    /// The identity of the object that is declared; nil for Settings.
    var reference: ObjectReference? { kind.object.map { ObjectReference($0, name.value) } }

    /// A place in the draft's file.
    func location(_ mark: YAMLMark) -> SourceLocation {
        SourceLocation(file: file, line: mark.line, column: mark.column)
    }
}
