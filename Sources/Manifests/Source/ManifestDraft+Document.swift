extension ManifestDraft {
    /// The draft of a document that is ours; nil when its kind or name can't be known.
    ///
    /// What is wrong with it is reported; the caller decides by that whether the content counts.
    init?(_ root: YAMLNode, _ problems: inout Problems) {
        guard let document = ObjectReader(root, as: EnvelopeFields.table, at: root.mark, &problems) else { return nil }
        let kind = Self.kind(of: document, &problems)
        let metadata = document.read(EnvelopeFields.metadata, &problems)
        guard let kind, let metadata else { return nil }
        var header = ManifestHeader(name: metadata.name.value, location: problems.location(root.mark))
        header.labels = metadata.labels
        header.annotations = metadata.annotations
        self.init(file: problems.file, kind: kind, name: metadata.name, content: .invalid)
        guard let spec = Self.spec(of: document, kind, &problems) else { return }
        if kind != .settings { CommonFields.apply(spec, to: &header, &problems) }
        read(header, spec, &problems)
    }

    private static func kind(of document: ObjectReader, _ problems: inout Problems) -> DocumentKind? {
        guard let text = document.read(EnvelopeFields.kind, &problems) else { return nil }
        if let kind = DocumentKind(rawValue: text) { return kind }
        problems.report(
            document.mark(of: EnvelopeFields.kind), "unknown kind \(Quoted(text))",
            hint: Suggestion.hint(for: text, among: DocumentKind.allCases.map(\.rawValue))
                ?? "there are \(DocumentKind.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    private static func spec(
        of document: ObjectReader, _ kind: DocumentKind, _ problems: inout Problems
    ) -> ObjectReader? {
        let table = kind.specTable
        guard let node = document.node(of: EnvelopeFields.spec) else {
            guard kind.needsSpec else {
                let empty = YAMLNode(.mapping([]), at: document.mark)
                return ObjectReader(empty, as: table, at: document.mark, &problems)
            }
            problems.report(document.mark, "\(kind.rawValue) needs spec")
            return nil
        }
        return ObjectReader(node, as: table, at: document.keyMark(of: EnvelopeFields.spec), &problems)
    }

    private mutating func read(_ header: ManifestHeader, _ spec: ObjectReader, _ problems: inout Problems) {
        switch kind {
        case .package:
            content = PackageFields.manifest(header, spec, &problems).map(Content.package) ?? .invalid
            places.apiName = spec.place(of: PackageFields.name)
            places.adoptedID = spec.place(of: PackageFields.packageID)
        case .packageVersion:
            content =
                PackageVersionFields.manifest(header, spec, &problems)
                .map { Content.packageVersion($0, schemaFile: $1) } ?? .invalid
            places.package = spec.place(of: PackageVersionFields.package)
            places.version = spec.place(of: PackageVersionFields.semver)
        case .cluster:
            content = ClusterFields.manifest(header, spec, &problems).map(Content.cluster) ?? .invalid
            places.apiName = spec.place(of: ClusterFields.name)
            places.adoptedID = spec.place(of: ClusterFields.clusterID)
        case .install:
            content = InstallFields.draft(header, spec, &problems).map(Content.install) ?? .invalid
            places.package = spec.place(of: InstallFields.package)
            places.version = spec.place(of: InstallFields.version)
            places.cluster = spec.place(of: InstallFields.cluster)
            places.adoptedID = spec.place(of: InstallFields.installID)
        case .settings:
            content = .settings(SettingsFields.settings(spec, &problems))
            guard name.value != SettingsFields.name else { return }
            problems.report(
                name.mark, "Settings must be called '\(SettingsFields.name)', not \(Quoted(name.value))",
                hint: "a source has one Settings document")
        }
    }
}

extension DocumentKind {
    /// Whether a document of this kind says nothing without a `spec`; Settings without one are the defaults.
    var needsSpec: Bool { self != .settings }

    /// The fields of the kind's `spec`.
    var specTable: FieldTable {
        switch self {
        case .package: PackageFields.table
        case .packageVersion: PackageVersionFields.table
        case .cluster: ClusterFields.table
        case .install: InstallFields.table
        case .settings: SettingsFields.table
        }
    }
}
