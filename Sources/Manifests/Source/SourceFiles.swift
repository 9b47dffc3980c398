internal import JSON

/// The files of a source on the way to its desired state.
struct SourceFiles {
    private let root: String
    private let known: ParsedFileCache.Content
    private var fresh = ParsedFileCache.Content()
    private var used: [TreeFile] = []

    /// All files under the root, by path.
    private var listing: [String: TreeFile] = [:]
    /// Files of manifests in the order of their paths, with what they hold.
    private var manifests: [(file: TreeFile, content: ManifestFile)] = []
    /// Files that could hold manifests but are left out.
    private var leftOut: [ManifestFile] = []
    /// What manifests read through `valuesFrom` and `inputSchemaFile`, by path.
    private var data: [String: DataFile] = [:]
    private var errors: [ManifestError] = []

    init(root: String, cache: ParsedFileCache) {
        self.root = root
        known = cache.known
    }

    /// Reads every file that holds manifests, and those left out for the names in them.
    mutating func readManifests(of tree: some ManifestTree) async throws {
        let files = try await tree.files()
        listing = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
        var rules = try await ignoreRules(in: files, of: tree)
        var (wanted, ignored): ([TreeFile], [TreeFile]) = ([], [])
        for file in files where file.kind != .other && ManifestFile.isCandidate(file.path) {
            if isHidden(file.path) || rules.ignores(file.path) {
                if file.kind == .regular { ignored.append(file) }
            } else {
                wanted.append(file)
            }
        }
        guard max(wanted.count, ignored.count) <= ManifestReader.filesMax else {
            errors.append(
                ManifestError(
                    at: SourceLocation(file: root.isEmpty ? "." : root, line: 1, column: 1),
                    "\(wanted.count) files that could hold manifests and \(ignored.count) that are left out;"
                        + " \(ManifestReader.filesMax) of each are read"))
            return
        }
        manifests = Array(zip(wanted, try await parsed(wanted, of: tree)))
        leftOut = try await parsed(ignored, of: tree)
    }

    /// Folders and files whose name begins with a dot, below the root.
    private func isHidden(_ path: String) -> Bool {
        let below = root.isEmpty ? path[...] : path.dropFirst(root.count + 1)
        return below.hasPrefix(".") || below.contains("/.")
    }

    private mutating func ignoreRules(in files: [TreeFile], of tree: some ManifestTree) async throws -> IgnoreRules {
        var rules = IgnoreRules(root: root)
        let found = files.filter { RepositoryPath.name(of: $0.path) == IgnoreRules.fileName }
        var readable: [TreeFile] = []
        for file in found {
            if file.kind != .regular {
                refuse(file, "an ignore file must be a file of its own, not a link")
            } else if file.size > IgnoreRules.bytesMax {
                refuse(
                    file, "an ignore file of \(file.size) bytes, more than the \(IgnoreRules.bytesMax) that are read")
            } else {
                readable.append(file)
            }
        }
        for (file, bytes) in zip(readable, try await tree.contents(of: readable)) {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                refuse(file, "an ignore file that is no UTF-8")
                continue
            }
            guard rules.add(text, of: RepositoryPath.folder(of: file.path)) else {
                refuse(file, "an ignore file with more than \(IgnoreRules.patternsMax) patterns")
                continue
            }
        }
        return rules
    }

    private mutating func refuse(_ file: TreeFile, _ problem: String) {
        errors.append(ManifestError(at: SourceLocation(file: file.path, line: 1, column: 1), problem))
    }

    /// What each file holds: from the cache where its content is known, else read and parsed, a few at a time.
    private mutating func parsed(_ files: [TreeFile], of tree: some ManifestTree) async throws -> [ManifestFile] {
        var contents = files.map(prepared)
        let unknown = files.indices.filter { contents[$0] == nil }
        for batch in Batches(unknown, size: { files[$0].size }) {
            let bytes = try await tree.contents(of: batch.map { files[$0] })
            for (index, bytes) in zip(batch, bytes) {
                let content = ManifestFile(path: files[index].path, bytes: bytes)
                if let key = ParsedFileCache.Key(files[index]) { fresh.files[key] = content }
                contents[index] = content
            }
        }
        used += files
        return contents.compactMap { $0 }
    }

    /// What is known of a file without reading it.
    private func prepared(_ file: TreeFile) -> ManifestFile? {
        guard file.kind == .regular else {
            return ManifestFile(
                path: file.path, unreadable: "a symbolic link, which is never followed",
                hint: "commit the file itself, or name it in \(IgnoreRules.fileName)")
        }
        guard file.size <= YAMLReader.Limits().bytesMax else {
            return ManifestFile(
                path: file.path,
                unreadable: "a file of \(file.size) bytes, more than the \(YAMLReader.Limits().bytesMax) that are read",
                hint: "a file that holds no manifests can be named in \(IgnoreRules.fileName)")
        }
        return ParsedFileCache.Key(file).flatMap { known.files[$0] }
    }

    /// Hands what was read to the cache.
    func keep(in cache: ParsedFileCache) { cache.keep(fresh, used: used) }
}

extension SourceFiles {
    /// Reads every file that a manifest names in `valuesFrom` or `inputSchemaFile`.
    mutating func readData(of tree: some ManifestTree) async throws {
        var wanted: [String: TreeFile] = [:]
        for (_, content) in manifests {
            for draft in content.drafts {
                for reference in draft.dataFiles {
                    guard let path = resolve(reference, of: draft), wanted[path] == nil else { continue }
                    guard let file = try await find(path, for: reference, of: draft, in: tree) else { continue }
                    wanted[path] = file
                }
            }
        }
        guard wanted.count <= ManifestReader.filesMax else {
            errors.append(
                ManifestError(
                    at: SourceLocation(file: root.isEmpty ? "." : root, line: 1, column: 1),
                    "manifests read \(wanted.count) files; \(ManifestReader.filesMax) are read"))
            return
        }
        let files = wanted.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        used += files
        var unknown: [TreeFile] = []
        for file in files {
            if let content = ParsedFileCache.Key(file).flatMap({ known.data[$0] }) {
                data[file.path] = content
            } else {
                unknown.append(file)
            }
        }
        for batch in Batches(unknown, size: \.size) {
            for (file, bytes) in zip(batch, try await tree.contents(of: batch)) {
                let content = DataFile(path: file.path, bytes: bytes)
                if let key = ParsedFileCache.Key(file) { fresh.data[key] = content }
                data[file.path] = content
            }
        }
    }

    /// The path that a manifest means, or nil after reporting why it means none.
    private mutating func resolve(_ reference: Located<String>, of draft: ManifestDraft) -> String? {
        let written = Quoted(reference.value)
        do throws(RepositoryPath.Problem) {
            return try RepositoryPath.resolve(reference.value, from: RepositoryPath.folder(of: draft.file))
        } catch {
            let (problem, hint) =
                switch error {
                case .absolute: ("\(written) is an absolute path", "give it relative to this file")
                case .outside: ("\(written) leads out of the repository", "only files of the repository can be read")
                case .notAFile: ("\(written) names a folder", "give a file")
                }
            errors.append(ManifestError(at: draft.location(reference.mark), problem, hint: hint))
            return nil
        }
    }

    private mutating func find(
        _ path: String, for reference: Located<String>, of draft: ManifestDraft, in tree: some ManifestTree
    ) async throws -> TreeFile? {
        let place = draft.location(reference.mark)
        let shown = Quoted(path)
        var file = listing[path]
        if file == nil { file = try await tree.file(at: path) }
        guard let file else {
            let folder = RepositoryPath.folder(of: path)
            let neighbours = listing.keys.filter { RepositoryPath.folder(of: $0) == folder }.sorted()
            errors.append(
                ManifestError(
                    at: place, "there is no file \(shown) in the repository",
                    hint: Suggestion.hint(for: path, among: neighbours)))
            return nil
        }
        guard file.kind == .regular else {
            errors.append(
                ManifestError(
                    at: place, "\(shown) is a symbolic link or a submodule, which is never followed",
                    hint: "give the file itself"))
            return nil
        }
        guard file.size <= YAMLReader.Limits().bytesMax else {
            errors.append(
                ManifestError(
                    at: place,
                    "\(shown) has \(file.size) bytes, more than the \(YAMLReader.Limits().bytesMax) that are read"))
            return nil
        }
        return file
    }
}

extension SourceFiles {
    /// All that was read, held against each other and put together.
    var assembled: ManifestReading {
        let ours = manifests.filter { data[$0.file.path] == nil }.map(\.content)
        let drafts = ours.flatMap(\.drafts)
        let check = SourceCheck(drafts, isWhole: ours.allSatisfy(\.isWhole))
        let all = errors + ours.flatMap(\.errors) + data.values.flatMap(\.errors) + check.errors
        guard all.isEmpty else { return .invalid(Self.bounded(all)) }
        guard !drafts.isEmpty else { return .empty }
        var state = DesiredState()
        for draft in drafts { add(draft, to: &state) }
        // A file that manifests read holds none, even if it looks as if it did: its documents count as left out.
        let read = manifests.filter { data[$0.file.path] != nil }.flatMap(\.content.drafts)
        for draft in leftOut.flatMap(\.drafts) + read where check.names[draft.kind]?[draft.name.value] == nil {
            if let reference = draft.reference { state.skipped.insert(reference) }
        }
        let doubtful = read.map { draft in
            ManifestError(
                at: draft.location(draft.name.mark), "\(draft.title) is left out",
                hint: "its file is read by valuesFrom or inputSchemaFile, and such files hold no manifests")
        }
        return .valid(state, warnings: Self.bounded(check.warnings + doubtful))
    }

    /// Sorted and without repetitions; of very many the first, and how many there are.
    private static func bounded(_ errors: [ManifestError]) -> [ManifestError] {
        let sorted = Set(errors).sorted()
        guard sorted.count > ManifestReader.errorsMax, let last = sorted.last else { return sorted }
        let rest = sorted.count - ManifestReader.errorsMax
        return sorted.prefix(ManifestReader.errorsMax) + [ManifestError(at: last.location, "and \(rest) more errors")]
    }

    private func add(_ draft: ManifestDraft, to state: inout DesiredState) {
        switch draft.content {
        case .package(let manifest): state.packages.append(manifest)
        case .packageVersion(var manifest, let schemaFile):
            if let schemaFile, let schema = content(of: schemaFile, for: draft) { manifest.inputSchema = schema }
            state.packageVersions.append(manifest)
        case .cluster(let manifest): state.clusters.append(manifest)
        case .install(let install):
            var manifest = install.manifest
            if !install.valuesFrom.isEmpty {
                let layers = install.valuesFrom.compactMap { content(of: $0, for: draft) }
                manifest.values = (layers + [manifest.values]).reduce(JSONObject()) { $0.merged(with: $1) }
            }
            state.installs.append(manifest)
        case .settings(let settings):
            state.settings = settings
            state.hasSettings = true
        case .invalid: return
        }
    }

    private func content(of reference: Located<String>, for draft: ManifestDraft) -> JSONObject? {
        // What can't be resolved has been reported, and then nothing is put together.
        (try? RepositoryPath.resolve(reference.value, from: RepositoryPath.folder(of: draft.file)))
            .flatMap { data[$0]?.object }
    }
}

extension ManifestDraft {
    /// The files that the manifest reads, as written.
    fileprivate var dataFiles: [Located<String>] {
        switch content {
        case .packageVersion(_, let schemaFile): schemaFile.map { [$0] } ?? []
        case .install(let install): install.valuesFrom
        case .package, .cluster, .settings, .invalid: []
        }
    }
}

/// Items in groups whose sizes together stay near a few mebibytes, so that few bytes are held at a time.
private struct Batches<Item>: Sequence, IteratorProtocol {
    private static var bytesMax: Int { 8 << 20 }
    private static var countMax: Int { 512 }

    private var rest: ArraySlice<Item>
    private let size: (Item) -> Int

    init(_ items: [Item], size: @escaping (Item) -> Int) {
        rest = items[...]
        self.size = size
    }

    mutating func next() -> [Item]? {
        guard !rest.isEmpty else { return nil }
        var (count, bytes) = (0, 0)
        for item in rest {
            bytes += size(item)
            guard count == 0 || (bytes <= Self.bytesMax && count < Self.countMax) else { break }
            count += 1
        }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
