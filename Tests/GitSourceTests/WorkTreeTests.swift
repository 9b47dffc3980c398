import Foundation
import GitSource
import TestSupport
import Testing

/// A folder read like a commit of it.
@Suite struct WorkTreeTests {
    private let folder: TemporaryFolder
    private var root: String { folder.appending("checkout") }
    private var tree: WorkTree { WorkTree(root) }

    init() throws { folder = try TemporaryFolder() }

    @Test func `a checkout lists what its commit lists`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit([
            "README.md": "# Hello\n", "a-b/c.yaml": "c: 1\n", "a/b.yaml": "b: 1\n", "a.yaml": "", ".akuaignore": "x\n",
            "clusters/prod/deep/er/values.yaml": "v: 1\n",
        ])
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let checkout = fixture.folder.appending("checkout")
        try await fixture.repository.git("clone", "--quiet", fixture.repository.path, checkout)
        for path in ["", "clusters", "a"] {
            let committed = try await source.snapshot(at: commit, under: path).files
            let files = try WorkTree(checkout).snapshot(under: path).files
            #expect(files.map(\.path) == committed.map(\.path))
            #expect(files.map(\.size) == committed.map(\.size))
            #expect(files.map(\.kind) == committed.map(\.kind))
            #expect(try WorkTree(checkout).contents(of: files) == (try await source.contents(of: committed)))
        }
    }

    @Test func `links are shown and not followed, other repositories not entered, pipes left out`() throws {
        try folder.write("secret", to: "outside/secret.yaml")
        try folder.write("a", to: "checkout/a.yaml")
        try folder.write("b", to: "checkout/module/.git")
        try folder.write("b", to: "checkout/module/b.yaml")
        try link("../outside", at: "checkout/folder")
        try link("../outside/secret.yaml", at: "checkout/file.yaml")
        try link("loop", at: "checkout/loop")
        try #require(mkfifo(root + "/pipe", 0o600) == 0)
        try #require(chmod(root + "/a.yaml", 0o755) == 0)
        let files = try tree.snapshot().files
        #expect(
            files.map { "\($0.path) \($0.kind.rawValue)" } == [
                "a.yaml executable", "file.yaml symbolic link", "folder symbolic link", "loop symbolic link",
                "module submodule",
            ])
        #expect(failure { try tree.snapshot(under: "folder") } == .tree(.notAFolder("folder"), commit: nil))
        #expect(
            failure { try tree.contents(of: [files[1]]) }
                == .tree(.notAFile("file.yaml", kind: .symbolicLink), commit: nil))
    }

    @Test func `a file that became a link after it was listed is not followed`() throws {
        try folder.write("secret", to: "outside/secret.yaml")
        try folder.write("a", to: "checkout/dir/a.yaml")
        let files = try tree.snapshot().files
        try FileManager.default.removeItem(atPath: root + "/dir")
        try link("../outside", at: "checkout/dir")
        #expect(failure { try tree.contents(of: files) } == .tree(.notAFolder("dir"), commit: nil))
        try FileManager.default.removeItem(atPath: root + "/dir")
        try folder.write("", to: "checkout/dir/b.yaml")
        try link("../../outside/secret.yaml", at: "checkout/dir/a.yaml")
        #expect(failure { try tree.contents(of: files) } == .tree(.notAFolder("dir/a.yaml"), commit: nil))
    }

    @Test func `a path that is not there says so`() throws {
        try folder.write("a", to: "checkout/a.yaml")
        #expect(failure { try tree.snapshot(under: "b/c") } == .tree(.missingPath("b"), commit: nil))
        #expect(failure { try tree.snapshot(under: "a.yaml") } == .tree(.notAFolder("a.yaml"), commit: nil))
        let nowhere = folder.appending("nowhere")
        #expect(failure { try WorkTree(nowhere).snapshot() } == .tree(.missingPath(nowhere), commit: nil))
    }

    @Test func `I12: the limits of a commit hold for a folder`() throws {
        for number in 0..<20 { try folder.write("0123456789", to: "checkout/d/\(number)") }
        let few = WorkTree(root, limits: TreeLimits(entries: 20))
        #expect(failure { try few.snapshot() } == .tree(.tooLarge(limit: "20 files and folders"), commit: nil))
        let flat = WorkTree(root, limits: TreeLimits(depth: 0))
        #expect(failure { try flat.snapshot() } == .tree(.tooLarge(limit: "0 folders within folders"), commit: nil))
        let small = WorkTree(root, limits: TreeLimits(fileBytes: 9))
        let files = try small.snapshot().files
        #expect(
            failure { try small.contents(of: files) }
                == .tree(.fileTooLarge("d/0", bytes: 10, limit: 9), commit: nil))
    }

    @Test func `a name with a control character is refused by its path`() throws {
        try folder.write("a", to: "checkout/dir/a\nb.yaml")
        #expect(
            failure { try tree.snapshot() }
                == .tree(.unsafePath("dir/a b.yaml", problem: "a name with a control character"), commit: nil))
    }

    private func link(_ target: String, at name: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(name), withDestinationPath: target)
    }

    private func failure(_ body: () throws -> some Any) -> GitError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? GitError
        }
    }
}
