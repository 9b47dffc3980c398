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
    /// How much a source may hold (I12).
    package struct Limits: Sendable {
        /// Manifests, ignored files that could be some, and files that manifests read: of each.
        package var filesMax = 100_000
        /// Bytes of one file.
        package var fileBytesMax = YAMLReader.Limits().bytesMax
        /// Members and items of all values and schemas together, those that merging copies included.
        package var weightMax = 3_000_000
        /// Errors that are told.
        package var errorsMax = 1_000

        package init() {}
    }

    private let cache: ParsedFileCache
    private let limits: Limits

    /// A reader that knows what earlier reads with the same cache have parsed.
    package init(cache: ParsedFileCache = ParsedFileCache(), limits: Limits = Limits()) {
        self.cache = cache
        self.limits = limits
    }

    /// Reads the whole source.
    ///
    /// - Parameter checksValues: whether the values of installs are held against the input schemas of the versions that
    ///   are declared here; what can't be checked that way is a warning then.
    /// - Throws: only what the tree throws when it can't be read; whatever is in it is told in the result.
    package func read(_ tree: some ManifestTree, checksValues: Bool = false) async throws -> ManifestReading {
        var source = SourceFiles(root: tree.manifestRoot, last: cache.last, limits: limits)
        try await source.readManifests(of: tree)
        try await source.readData(of: tree)
        cache.keep(source.parsed)
        return try await source.assembled(checkingValuesIn: checksValues ? tree : nil)
    }
}
