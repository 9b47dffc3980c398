/// Finds where a value is written, by reading again the few files that have something wrong in them.
///
/// What is kept of a source has no places in its values: they would cost more than the values do.
struct ValueLocator<Tree: ManifestTree> {
    private let tree: Tree
    private let data: [String: LoadedDataFile]
    private let files: [TreeFile]
    private var documents: [String: [YAMLNode]] = [:]

    init(_ source: SourceFiles, in tree: Tree) {
        self.tree = tree
        data = source.parsed.data
        files = source.parsed.manifests.files
    }

    /// The finding as an error at its place.
    mutating func error(for finding: ValuesCheck.Finding) async throws -> ManifestError {
        let location = try await location(of: finding)
        return ManifestError(at: location, finding.problem, hint: finding.hint)
    }

    /// Where it is written: in the manifest itself, else in the last file that has it, else where the manifest names
    /// such files.
    private mutating func location(of finding: ValuesCheck.Finding) async throws -> SourceLocation {
        let draft = finding.draft
        let (field, path) =
            switch finding.place {
            case .values(let path): (InstallFields.values.name, path)
            case .schema(let path): (PackageVersionFields.inputSchema.name, path)
            }
        let spec = try await spec(of: draft)
        if let entry = spec?.entry(field), let mark = entry.mark(at: path[...], ofName: finding.isAboutName) {
            return draft.location(mark)
        }
        for reference in draft.dataFiles.reversed() {
            guard let file = data[reference.path]?.file, let root = try await roots(of: file).first else { continue }
            let entry = YAMLEntry(key: "", keyMark: root.mark, value: root)
            guard let mark = entry.mark(at: path[...], ofName: finding.isAboutName) else { continue }
            return SourceLocation(file: file.path, line: mark.line, column: mark.column)
        }
        return draft.location(draft.dataFiles.last?.mark ?? draft.places.version ?? draft.name.mark)
    }

    private mutating func spec(of draft: ManifestDraft) async throws -> YAMLNode? {
        guard let index = SourceFiles.position(of: draft.file, in: files) else { return nil }
        let roots = try await roots(of: files[index])
        let name = draft.name.mark
        let document = roots.first { $0[EnvelopeFields.metadata.name]?[MetadataFields.name.name]?.mark == name }
        return document?[EnvelopeFields.spec.name]
    }

    private mutating func roots(of file: TreeFile) async throws -> [YAMLNode] {
        if let known = documents[file.path] { return known }
        guard let bytes = try await tree.contents(of: [file]).first else { return [] }
        let roots = DataFile.roots(path: file.path, bytes: bytes)
        documents[file.path] = roots
        return roots
    }
}

extension YAMLEntry {
    /// Where the value is, or its name, to which these names of members and indices of items lead; nil if they don't.
    fileprivate func mark(at path: ArraySlice<String>, ofName isName: Bool) -> YAMLMark? {
        guard let step = path.first else { return isName ? keyMark : value.mark }
        switch value.content {
        case .mapping: return value.entry(step)?.mark(at: path.dropFirst(), ofName: isName)
        case .sequence(let items):
            guard let index = Int(step), items.indices.contains(index) else { return nil }
            return YAMLEntry(key: "", keyMark: items[index].mark, value: items[index])
                .mark(at: path.dropFirst(), ofName: isName)
        case .scalar: return nil
        }
    }
}
