extension ManifestDraft {
    /// The draft of a document that is ours; nil when its kind or name can't be known.
    ///
    /// What is wrong with it is reported, and then its content is ``Content/invalid``.
    static func read(_ document: YAMLDocument, _ problems: inout Problems) -> ManifestDraft? {
        let root = document.root
        let errorsBefore = problems.errors.count
        problems.report(document.errors)
        guard let reader = ObjectReader(root, as: EnvelopeFields.table, at: root.mark, &problems) else { return nil }
        let kind = kind(of: reader, &problems)
        let metadata = reader.read(EnvelopeFields.metadata, &problems)
        guard let kind, let metadata else { return nil }
        var header = ManifestHeader(name: metadata.name.value, location: problems.location(root.mark))
        header.labels = metadata.labels
        header.annotations = metadata.annotations
        var spec = Spec()
        if let fields = fields(of: reader, kind, &problems) {
            if kind != .settings { CommonFields.apply(fields, to: &header, &problems) }
            spec.read(kind, header, fields, &problems)
        }
        if kind == .settings, header.name != SettingsFields.name {
            problems.report(
                metadata.name.mark, "Settings must be called '\(SettingsFields.name)', not \(Quoted(header.name))",
                hint: "a source has one Settings document")
        }
        if problems.errors.count > errorsBefore { spec.content = .invalid }
        return ManifestDraft(file: problems.file, kind: kind, name: metadata.name, spec: spec)
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

    private static func fields(
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
}

extension ManifestDraft.Spec {
    fileprivate mutating func read(
        _ kind: DocumentKind, _ header: ManifestHeader, _ fields: ObjectReader, _ problems: inout Problems
    ) {
        switch kind {
        case .package:
            guard let manifest = PackageFields.manifest(header, fields, &problems) else { return }
            content = .package(Shared(manifest))
            adoptedID = manifest.adoptedID
            places.apiName = fields.place(of: PackageFields.name)
            places.adoptedID = fields.place(of: PackageFields.packageID)
        case .packageVersion:
            let (manifest, file) = PackageVersionFields.manifest(header, fields, &problems)
            content = manifest.map { .packageVersion(Shared($0)) } ?? .invalid
            dataFiles = Self.resolve(file.map { [$0] } ?? [], &problems)
            places.package = fields.place(of: PackageVersionFields.package)
            places.version = fields.place(of: PackageVersionFields.semver)
        case .cluster:
            guard let manifest = ClusterFields.manifest(header, fields, &problems) else { return }
            content = .cluster(Shared(manifest))
            adoptedID = manifest.adoptedID
            places.apiName = fields.place(of: ClusterFields.name)
            places.adoptedID = fields.place(of: ClusterFields.clusterID)
        case .install:
            let install = InstallFields.read(header, fields, &problems)
            content = install.manifest.map(ManifestDraft.Content.install) ?? .invalid
            adoptedID = install.manifest?.adoptedID
            dependsOn = install.dependsOn
            dataFiles = Self.resolve(install.valuesFrom, &problems)
            places.package = fields.place(of: InstallFields.package)
            places.version = fields.place(of: InstallFields.version)
            places.cluster = fields.place(of: InstallFields.cluster)
            places.adoptedID = fields.place(of: InstallFields.installID)
        case .settings: content = .settings(Shared(SettingsFields.settings(fields, &problems)))
        }
    }

    /// What the written paths mean; those that mean nothing are reported.
    private static func resolve(
        _ written: [Located<String>], _ problems: inout Problems
    ) -> [ManifestDraft.DataReference] {
        guard !written.isEmpty else { return [] }
        let folder = RepositoryPath.folder(of: problems.file)
        var references: [ManifestDraft.DataReference] = []
        for reference in written {
            do throws(RepositoryPath.Problem) {
                let path = try RepositoryPath.resolve(reference.value, from: folder)
                references.append(ManifestDraft.DataReference(path: path, mark: reference.mark))
            } catch {
                let shown = Quoted(reference.value)
                let (problem, hint) =
                    switch error {
                    case .absolute: ("\(shown) is an absolute path", "give it relative to this file")
                    case .outside: ("\(shown) leads out of the repository", "only files of the repository can be read")
                    case .notAFile: ("\(shown) names a folder", "give a file")
                    }
                problems.report(reference.mark, problem, hint: hint)
            }
        }
        return references
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
