import Manifests
import Testing

/// A source as a value: paths with their texts, and paths that are links.
struct FileTree: ManifestTree {
    var manifestRoot = ""
    var texts: [String: [UInt8]] = [:]
    var links: Set<String> = []
    /// Whether files have content ids; a folder that is not committed has none.
    var hasContentIDs = true

    init(_ texts: [String: String], root: String = "", links: Set<String> = []) {
        self.texts = texts.mapValues { Array($0.utf8) }
        manifestRoot = root
        self.links = links
    }

    func files() async throws -> [TreeFile] {
        let below = manifestRoot.isEmpty ? "" : manifestRoot + "/"
        return (Array(texts.keys) + links).filter { $0.hasPrefix(below) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap(entry)
    }

    func file(at path: String) async throws -> TreeFile? { entry(path) }

    func contents(of files: [TreeFile]) async throws -> [[UInt8]] { try files.map { try #require(texts[$0.path]) } }

    private func entry(_ path: String) -> TreeFile? {
        if links.contains(path) { return TreeFile(path: path, kind: .symbolicLink, size: 1, contentID: nil) }
        return texts[path].map {
            TreeFile(path: path, size: $0.count, contentID: hasContentIDs ? "\($0.hashValue)" : nil)
        }
    }

    /// What the source says.
    func read(cache: ParsedFileCache = ParsedFileCache()) async throws -> ManifestReading {
        try await ManifestReader(cache: cache).read(self)
    }

    /// The desired state; fails the test when the source is invalid.
    func state() async throws -> DesiredState {
        let reading = try await read()
        guard case .valid(let state, _) = reading else {
            Issue.record("\(reading)")
            throw Invalid()
        }
        return state
    }

    struct Invalid: Error {}

    /// Everything that is wrong, as users see it.
    func errors() async throws -> [String] {
        guard case .invalid(let errors) = try await read() else { return [] }
        return errors.map(\.description)
    }

    /// Everything that is doubtful, as users see it.
    func warnings() async throws -> [String] {
        let reading = try await read()
        guard case .valid(_, let warnings) = reading else { return ["invalid: \(reading)"] }
        return warnings.map(\.description)
    }
}

/// A manifest whose `spec` begins in line 5, column 3.
func manifest(_ kind: String, _ name: String = "x", _ spec: String...) -> String {
    let lines = spec.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map { "  \($0)\n" }
    return "apiVersion: gitops.akua.dev/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec:\n" + lines.joined()
}
