/// What the manifests of one commit say.
package enum ManifestReading: Equatable, Sendable {
    /// The warnings are about what only the workspace can know.
    case valid(DesiredState, warnings: [ManifestError])
    /// All that is wrong, sorted by place; nothing of the commit may be used (I8).
    case invalid([ManifestError])
    /// There is no manifest under the source's path.
    case empty
}

/// Turns the files of a source into its desired state, or into the list of everything that is wrong with them.
///
/// Each file is read on its own first, which depends on nothing but its bytes and is kept in a cache; then the documents
/// are held against each other. Holds I8 and I12.
package struct ManifestReader: Sendable {
    /// Manifests, ignored files that could be some, and files that manifests read: each at most.
    package static let filesMax = 50_000
    /// Bytes of one file.
    package static let fileBytesMax = YAMLReader.Limits().bytesMax
    /// Errors that are told.
    package static let errorsMax = 1_000

    private let cache: ParsedFileCache

    /// A reader that knows what earlier reads with the same cache have parsed.
    package init(cache: ParsedFileCache = ParsedFileCache()) { self.cache = cache }

    /// Reads the whole source.
    ///
    /// - Parameter checksValues: whether the values of installs are held against the input schemas of the versions that
    ///   are declared here; what can't be checked that way is a warning then.
    /// - Throws: only what the tree throws when it can't be read; whatever is in it is told in the result.
    package func read(_ tree: some ManifestTree, checksValues: Bool = false) async throws -> ManifestReading {
        var source = SourceFiles(root: tree.manifestRoot, last: cache.last)
        try await source.readManifests(of: tree)
        try await source.readData(of: tree)
        cache.keep(source.parsed)
        return try await source.assembled(checkingValuesIn: checksValues ? tree : nil)
    }
}
