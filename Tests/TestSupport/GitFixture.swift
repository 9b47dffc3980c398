import Foundation
import Synchronization

/// A real repository, made by the `git` program without regard to the configuration of the machine.
///
/// Bare, so nothing of it is a work tree; commits are made by `git fast-import`, one process each however many files.
/// Author and dates are the same in every run, so the same steps give the same ids.
package final class GitFixture: Sendable {
    /// Absolute.
    package let path: String
    private let commitCount = Mutex(0)

    /// The author and committer of every commit.
    package static let author = "Ada Lovelace <ada@example.com>"
    /// The committer's date of the first commit; each further one is a minute later.
    package static let firstDate = 1_767_225_600

    /// Makes an empty repository.
    package init(at path: String) async throws {
        self.path = path
        try await Tool.run(
            "git", ["init", "--quiet", "--bare", "--initial-branch=main", path], in: "/", environment: Self.environment)
    }

    /// Runs git in the repository; what it said.
    @discardableResult
    package func git(_ arguments: String..., input: [UInt8] = []) async throws -> String {
        try await Tool.run("git", arguments, in: path, environment: Self.environment, input: input)
    }

    /// Commits on top of a branch, which comes to be if it is not there; the commit's id.
    ///
    /// - Parameters:
    ///   - files: contents by path; nil removes.
    ///   - parent: the commit to build on; the branch's tip if nil. A commit that is not the tip makes it a force-push.
    @discardableResult
    package func commit(
        _ files: [String: String?], message: String = "Change", branch: String = "main", parent: String? = nil
    ) async throws -> String {
        let date =
            Self.firstDate + 60
            * commitCount.withLock { count in
                defer { count += 1 }
                return count
            }
        let tip = try? await self.tip(of: branch)
        var stream = ""
        // A forced reset first: fast-import itself refuses to leave commits behind.
        stream += "commit refs/heads/\(branch)\n"
        stream += "committer \(Self.author) \(date) +0000\n"
        stream += "data \(message.utf8.count)\n\(message)\n"
        if let parent = parent ?? tip { stream += "from \(parent)\n" }
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            guard let text else {
                stream += "D \(path)\n"
                continue
            }
            stream += "M 100644 inline \(path)\ndata \(text.utf8.count)\n\(text)\n"
        }
        try await git("fast-import", "--quiet", "--force", input: Array((stream + "done\n").utf8))
        return try await self.tip(of: branch)
    }

    /// The id of a branch's newest commit.
    package func tip(of branch: String = "main") async throws -> String {
        try await git("rev-parse", "--verify", "--quiet", "refs/heads/\(branch)")
    }

    /// Lets a branch point to a commit, whether or not it was there; a force-push if it pointed elsewhere.
    package func point(_ branch: String, to commit: String) async throws {
        try await git("update-ref", "refs/heads/\(branch)", commit)
    }

    package func delete(branch: String) async throws { try await git("update-ref", "-d", "refs/heads/\(branch)") }

    /// Makes an annotated tag.
    package func tag(_ name: String, at commit: String) async throws {
        try await git("tag", "--annotate", "--message", name, name, commit)
    }

    /// Stores an object as its bytes stand, which git's own commands would refuse for a hostile one; its id.
    package func store(_ type: String, _ bytes: [UInt8]) async throws -> String {
        try await git("hash-object", "-w", "-t", type, "--literally", "--stdin", input: bytes)
    }

    /// Stores a tree of these entries, names as they stand; its id.
    package func storeTree(_ entries: [(mode: String, name: String, id: String)]) async throws -> String {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += Array("\(entry.mode) \(entry.name)".utf8) + [0]
            var digits = entry.id[...]
            while let byte = UInt8(digits.prefix(2), radix: 16), !digits.isEmpty {
                bytes.append(byte)
                digits = digits.dropFirst(2)
            }
        }
        return try await store("tree", bytes)
    }

    /// Commits a tree that is stored already; the commit's id.
    @discardableResult
    package func commit(tree: String, branch: String = "main") async throws -> String {
        let commit = try await git("commit-tree", tree, "-m", "Change")
        try await point(branch, to: commit)
        return commit
    }

    private static let environment = [
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_AUTHOR_DATE": "\(firstDate) +0000", "GIT_COMMITTER_NAME": "Ada Lovelace",
        "GIT_COMMITTER_EMAIL": "ada@example.com", "GIT_COMMITTER_DATE": "\(firstDate) +0000",
    ]
}
