import Manifests
import Synchronization
import Testing

@Suite struct ParsedFileCacheTests {
    /// A tree that remembers which files were asked for.
    struct Watched: ManifestTree {
        final class Log: Sendable {
            let paths = Mutex<[String]>([])
        }
        var tree: FileTree
        let log = Log()

        var manifestRoot: String { tree.manifestRoot }
        func files() async throws -> [TreeFile] { try await tree.files() }
        func file(at path: String) async throws -> TreeFile? { try await tree.file(at: path) }
        func contents(of files: [TreeFile]) async throws -> [[UInt8]] {
            log.paths.withLock { $0 += files.map(\.path) }
            return try await tree.contents(of: files)
        }
    }

    private func read(_ tree: FileTree, _ cache: ParsedFileCache) async throws -> (ManifestReading, [String]) {
        let watched = Watched(tree: tree)
        let reading = try await ManifestReader(cache: cache).read(watched)
        return (reading, watched.log.paths.withLock { $0.sorted() })
    }

    @Test func `P7: a commit that touches one file reads one file`() async throws {
        let cache = ParsedFileCache()
        var tree = FileTree([
            "a.yaml": manifest("Install", "a", "product: p", "region: eu", "valuesFrom: [{file: v.yaml}]"),
            "b.yaml": manifest("Cluster", "b", "region: eu"), "v.yaml": "a: 1",
        ])
        let (first, all) = try await read(tree, cache)
        #expect(all == ["a.yaml", "b.yaml", "v.yaml", "v.yaml"])
        let (again, none) = try await read(tree, cache)
        #expect(again == first)
        #expect(none == [])
        tree.texts["b.yaml"] = Array(manifest("Cluster", "b", "region: us").utf8)
        let (changed, one) = try await read(tree, cache)
        #expect(one == ["b.yaml"])
        #expect(changed != first)
        // A file at another path is another file: its errors and locations name the path.
        tree.texts["c/b.yaml"] = tree.texts.removeValue(forKey: "b.yaml")
        let (moved, it) = try await read(tree, cache)
        #expect(it == ["c/b.yaml"])
        guard case .valid(let state, _) = moved else { throw FileTree.Invalid() }
        #expect(state.clusters.first?.header.location.file == "c/b.yaml")
    }

    @Test func `errors are kept like everything else`() async throws {
        let cache = ParsedFileCache()
        let tree = FileTree(["a.yaml": "kind: X"])
        let (first, _) = try await read(tree, cache)
        let (again, none) = try await read(tree, cache)
        #expect(again == first)
        #expect(none == [])
    }

    @Test func `I12: what no tree holds any more is forgotten`() async throws {
        let cache = ParsedFileCache()
        for round in 0..<20 {
            let files = (0..<50).map { ("f\($0).yaml", manifest("Cluster", "c\($0)", "region: r\(round)")) }
            _ = try await read(FileTree(Dictionary(uniqueKeysWithValues: files)), cache)
        }
        #expect(cache.count == 50)
    }

    @Test func `files without a content id are read each time`() async throws {
        let cache = ParsedFileCache()
        var tree = FileTree(["a.yaml": manifest("Cluster", "b", "region: eu")])
        tree.hasContentIDs = false
        _ = try await read(tree, cache)
        #expect(try await read(tree, cache).1 == ["a.yaml"])
    }
}
