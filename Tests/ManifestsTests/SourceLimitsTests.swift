import Manifests
import Testing

/// I12: how much a source may hold.
@Suite struct SourceLimitsTests {
    private func errors(_ files: [String: String], _ change: (inout ManifestReader.Limits) -> Void) async throws
        -> [String]
    {
        var limits = ManifestReader.Limits()
        change(&limits)
        guard case .invalid(let errors) = try await ManifestReader(limits: limits).read(FileTree(files)) else {
            return []
        }
        return errors.map(\.description)
    }

    private func install(_ name: String, _ values: String = "{a: 1, b: [2, {c: 3}]}") -> String {
        manifest("Install", name, "product: p", "region: eu", "valuesFrom: [{file: v.yaml}]", "values: \(values)")
    }

    @Test func `values of one source are counted together`() async throws {
        let files = ["a.yaml": install("a"), "b.yaml": install("b"), "v.yaml": "x: 1"]
        // Five members and items in each manifest, one in the file.
        #expect(
            try await errors(files) { $0.weightMax = 9 } == [
                "b.yaml:1:1: the source holds more than 9 values and schema parts up to this file"
            ])
        #expect(
            try await errors(files) { $0.weightMax = 10 } == [
                "v.yaml:1:1: the source holds more than 10 values and schema parts up to this file"
            ])
        // Merging copies three members for each: one of the file and two of its own.
        #expect(
            try await errors(files) { $0.weightMax = 16 } == [
                ".:1:1: the values of all installs, merged, hold more than 16 values"
            ])
        #expect(try await errors(files) { $0.weightMax = 17 } == [])
    }

    @Test func `what aliases expand to counts each time`() async throws {
        let values = "{a: &a [1, 1, 1, 1], b: [*a, *a, *a]}"
        let files = ["a.yaml": manifest("Install", "a", "product: p", "region: eu", "values: \(values)")]
        #expect(try await errors(files) { $0.weightMax = 20 }.count == 1)
        #expect(try await errors(files) { $0.weightMax = 21 } == [])
    }

    @Test func `files are counted`() async throws {
        let files = Dictionary(
            uniqueKeysWithValues: (0..<4).map { ("f\($0).yaml", manifest("Cluster", "c\($0)", "region: eu")) })
        #expect(
            try await errors(files) { $0.filesMax = 3 } == [
                ".:1:1: 4 files that could hold manifests and 0 that are left out; 3 of each are read"
            ])
        #expect(try await errors(files) { $0.filesMax = 4 } == [])
    }

    @Test func `a file that thousands name and that is not there is looked for once`() async throws {
        let files = ["a.yaml": (0..<500).map { install("i\($0)") }.joined(separator: "---\n")]
        let errors = try await errors(files) { _ in }
        #expect(errors.count == 500)
        #expect(errors.allSatisfy { $0.contains("'v.yaml' is not in the repository") })
    }

    @Test func `thousands of circles end soon`() async throws {
        let count = 400
        let text = (0..<count).map { index in
            let others = (0..<60).map { "Install/i\(($0 * 7 + index) % count)" }
            return manifest(
                "Install", "i\(index)", "product: p", "region: eu",
                "dependsOn: [\(Set(others).sorted().joined(separator: ", "))]")
        }.joined(separator: "---\n")
        let errors = try await errors(["a.yaml": text]) { _ in }
        #expect(!errors.isEmpty)
        #expect(errors.count <= 20)
        #expect(errors.allSatisfy { $0.contains("dependsOn goes in a circle") })
    }
}
