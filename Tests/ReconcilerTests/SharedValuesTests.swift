import Foundation
import GitSource
import JSON
import Manifests
import Planning
import Reconciler
import Testing

/// I12: values outside the source's path cost one look into their folder, not one for each file.
@Suite struct SharedValuesTests {
    @Test(.timeLimit(.minutes(4))) func `thousands of values files beside the path are read in one go`() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "akua-values-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for folder in ["apps", "values"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        for number in 0..<4_000 {
            try Data("replicas: \(number)\n".utf8).write(to: root.appending(path: "values/\(number).yaml"))
            let manifest = """
                apiVersion: gitops.akua.dev/v1
                kind: Install
                metadata: {name: shop-\(number)}
                spec:
                  package: checkout
                  version: 1.3.0
                  region: eu-central
                  valuesFrom: [{file: ../values/\(number).yaml}]
                """
            try Data(manifest.utf8).write(to: root.appending(path: "apps/\(number).yaml"))
        }
        let loaded = try await WorkTreeRepository.read(WorkTree(root.path), path: "apps")
        guard case .valid(let declarations, _) = loaded else { throw Unexpected(loaded: loaded) }
        let desired = declarations.desired
        #expect(desired.installs.count == 4_000)
        #expect(desired.installs.allSatisfy { "shop-\($0.values["replicas"]?.number?.int ?? -1)" == $0.header.name })
    }

    private struct Unexpected: Error { var loaded: LoadedSource }
}
