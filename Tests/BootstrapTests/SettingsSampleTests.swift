import Foundation
import Manifests
import Testing

/// `config/settings.yaml`, which people copy into their repositories.
@Suite struct SettingsSampleTests {
    /// The sample as the only file of a source.
    private struct SampleTree: ManifestTree {
        let bytes: [UInt8]
        let manifestRoot = ""
        private var sample: TreeFile { TreeFile(path: "settings.yaml", size: bytes.count, contentID: nil) }

        func files() async throws -> [TreeFile] { [sample] }
        func file(at path: String) async throws -> TreeFile? { path == sample.path ? sample : nil }
        func contents(of files: [TreeFile]) async throws -> [[UInt8]] { files.map { _ in bytes } }
    }

    @Test func `the sample says what holds without it`() async throws {
        let path = repository.appending(path: "config/settings.yaml").path
        let tree = SampleTree(bytes: Array(try Data(contentsOf: URL(filePath: path))))
        guard case .valid(let desired, let warnings) = try await ManifestReader().read(tree) else {
            Issue.record("config/settings.yaml is not valid")
            return
        }
        var defaults = Settings()
        defaults.concurrency = 16
        #expect(desired.settings == defaults && warnings.isEmpty)
    }
}
