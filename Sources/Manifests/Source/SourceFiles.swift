/// The files of a source, read as far as each tells by itself.
struct SourceFiles {
    /// What was parsed of a source.
    struct Parsed: Sendable {
        var manifests = ParsedFiles()
        /// Files that could hold manifests but are left out.
        var leftOut = ParsedFiles()
        /// What manifests read through `valuesFrom` and `inputSchemaFile`, by path.
        var data: [String: LoadedDataFile] = [:]
    }

    let root: String
    private let last: Parsed
    let limits: ManifestReader.Limits
    private(set) var parsed = Parsed()
    /// All files under the root, in the order of their paths.
    private var listing: [TreeFile] = []
    /// What has been read so far, in members and items of JSON.
    private(set) var weight = 0
    /// Whether every file was read: not if the source holds too much.
    private(set) var isComplete = true
    private(set) var errors: [ManifestError] = []

    /// - Parameter last: what an earlier read of the source saw; what has not changed since is taken from it.
    init(root: String, last: Parsed, limits: ManifestReader.Limits) {
        self.root = root
        self.last = last
        self.limits = limits
    }

    /// Reads every file that holds manifests, and those left out for the names in them.
    mutating func readManifests(of tree: some ManifestTree) async throws {
        listing = try await tree.files()
        var rules = try await ignoreRules(of: tree)
        var (files, ignored): ([TreeFile], [TreeFile]) = ([], [])
        for file in listing where file.kind != .other && ManifestFile.isCandidate(file.path) {
            if isHidden(file.path) || rules.ignores(file.path) {
                if file.kind == .regular { ignored.append(file) }
            } else {
                files.append(file)
            }
        }
        guard max(files.count, ignored.count) <= limits.filesMax else {
            isComplete = false
            refuse(
                root.isEmpty ? "." : root,
                "\(files.count) files that could hold manifests and \(ignored.count) that are left out;"
                    + " \(limits.filesMax) of each are read")
            return
        }
        parsed.manifests = try await parse(files, knowing: last.manifests, of: tree)
        parsed.leftOut = try await parse(ignored, knowing: last.leftOut, of: tree)
    }

    /// Folders and files whose name begins with a dot, below the root.
    private func isHidden(_ path: String) -> Bool {
        var before = UInt8(ascii: "/")
        for byte in path.utf8.dropFirst(root.isEmpty ? 0 : root.utf8.count + 1) {
            if byte == UInt8(ascii: "."), before == UInt8(ascii: "/") { return true }
            before = byte
        }
        return false
    }

    private mutating func ignoreRules(of tree: some ManifestTree) async throws -> IgnoreRules {
        var rules = IgnoreRules(root: root)
        var readable: [TreeFile] = []
        for index in listing.indices where listing[index].path.utf8.hasSuffix(IgnoreRules.fileName) {
            let file = listing[index]
            guard RepositoryPath.name(of: file.path) == IgnoreRules.fileName else { continue }
            if file.kind != .regular {
                refuse(file.path, "an ignore file must be a file of its own, not a link")
            } else if file.size > IgnoreRules.bytesMax {
                refuse(
                    file.path,
                    "an ignore file of \(file.size) bytes, more than the \(IgnoreRules.bytesMax) that are read")
            } else {
                readable.append(file)
            }
        }
        for (file, bytes) in zip(readable, try await tree.contents(of: readable)) {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                refuse(file.path, "an ignore file that is no UTF-8")
                continue
            }
            guard rules.add(text, of: RepositoryPath.folder(of: file.path)) else {
                refuse(file.path, "an ignore file with more than \(IgnoreRules.patternsMax) patterns")
                continue
            }
        }
        return rules
    }

    private mutating func refuse(_ path: String, _ problem: String) {
        errors.append(ManifestError(at: SourceLocation(file: path, line: 1, column: 1), problem))
    }

    /// What each file holds: what is known of it, or else what reading it shows, a few files at a time.
    private mutating func parse(
        _ files: [TreeFile], knowing known: ParsedFiles, of tree: some ManifestTree
    ) async throws -> ParsedFiles {
        var contents = known.contents(of: files)
        for (index, file) in files.enumerated() where contents[index] == nil { contents[index] = unreadable(file) }
        for content in contents { weight += content?.weight ?? 0 }
        let unknown = files.indices.filter { contents[$0] == nil }
        for batch in Batches(unknown, size: { files[$0].size }) {
            let bytes = try await tree.contents(of: batch.map { files[$0] })
            for (index, bytes) in zip(batch, bytes) {
                let content = ManifestFile(path: files[index].path, bytes: bytes)
                guard takes(content.weight, of: files[index]) else { return ParsedFiles() }
                contents[index] = content
            }
        }
        return ParsedFiles(files, contents.compactMap { $0 })
    }

    /// Whether the source stays within its limit with what a file adds to it; reports it if not, and then nothing more
    /// is read.
    private mutating func takes(_ added: Int, of file: TreeFile) -> Bool {
        weight += added
        guard weight > limits.weightMax else { return true }
        isComplete = false
        refuse(
            file.path, "the source holds more than \(limits.weightMax) values and schema parts up to this file")
        return false
    }

    /// What is wrong with a file that is not even read.
    private func unreadable(_ file: TreeFile) -> ManifestFile? {
        guard file.kind == .regular else {
            return ManifestFile(
                path: file.path, unreadable: "a symbolic link, which is never followed",
                hint: "commit the file itself, or name it in \(IgnoreRules.fileName)")
        }
        guard file.size <= limits.fileBytesMax else {
            return ManifestFile(
                path: file.path,
                unreadable: "a file of \(file.size) bytes, more than the \(limits.fileBytesMax) that are read",
                hint: "a file that holds no manifests can be named in \(IgnoreRules.fileName)")
        }
        return nil
    }
}

extension SourceFiles {
    /// Reads every file that a manifest names in `valuesFrom` or `inputSchemaFile`.
    mutating func readData(of tree: some ManifestTree) async throws {
        var found: [String: DataFileSearch] = [:]
        for file in parsed.manifests.contents where file.readsData {
            for draft in file.drafts {
                for reference in draft.dataFiles {
                    let search: DataFileSearch
                    if let known = found[reference.path] {
                        search = known
                    } else {
                        search = try await find(reference.path, in: tree, suggests: errors.count < 100)
                        found[reference.path] = search
                    }
                    guard case .refused(let problem, let hint) = search else { continue }
                    errors.append(ManifestError(at: draft.location(reference.mark), problem, hint: hint))
                }
            }
        }
        let wanted = found.values.compactMap { if case .file(let file) = $0 { file } else { nil } }
        guard wanted.count <= limits.filesMax else {
            isComplete = false
            refuse(
                root.isEmpty ? "." : root,
                "manifests name \(wanted.count) files of values and schemas; \(limits.filesMax) are read")
            return
        }
        let files = wanted.sorted { Self.precedes($0.path, $1.path) }
        var unknown: [TreeFile] = []
        for file in files {
            if let known = last.data[file.path], file.contentID != nil, known.file.contentID == file.contentID {
                parsed.data[file.path] = known
                weight += known.content.weight
            } else {
                unknown.append(file)
            }
        }
        for batch in Batches(unknown, size: \.size) {
            for (file, bytes) in zip(batch, try await tree.contents(of: batch)) {
                let content = DataFile(path: file.path, bytes: bytes)
                guard takes(content.weight, of: file) else { return }
                parsed.data[file.path] = LoadedDataFile(file: file, content: content)
            }
        }
    }

    private enum DataFileSearch {
        case file(TreeFile)
        case refused(problem: String, hint: String?)
    }

    /// The file that a path means, or why it can't be read.
    private func find(
        _ path: String, in tree: some ManifestTree, suggests: Bool
    ) async throws -> DataFileSearch {
        let shown = Quoted(path)
        var file = Self.position(of: path, in: listing).map { listing[$0] }
        if file == nil { file = try await tree.file(at: path) }
        guard let file else {
            let folder = RepositoryPath.folder(of: path)
            let neighbours = suggests ? listing.map(\.path).filter { RepositoryPath.folder(of: $0) == folder } : []
            return .refused(
                problem: "\(shown) is not in the repository", hint: Suggestion.hint(for: path, among: neighbours))
        }
        guard file.kind == .regular else {
            return .refused(
                problem: "\(shown) is a symbolic link or a submodule, which is never followed",
                hint: "give the file itself")
        }
        guard file.size <= limits.fileBytesMax else {
            return .refused(
                problem: "\(shown) has \(file.size) bytes; \(limits.fileBytesMax) are read", hint: nil)
        }
        return .file(file)
    }

    /// Where a path is among files that are in the order of their paths.
    static func position(of path: String, in files: [TreeFile]) -> Int? {
        var (low, high) = (0, files.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(files[middle].path, path) { low = middle + 1 } else { high = middle }
        }
        return low < files.count && files[low].path == path ? low : nil
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

extension String.UTF8View {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
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
