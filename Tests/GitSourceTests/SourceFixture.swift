import Foundation
import GitSource
import TestSupport

/// A repository, a folder to follow it in, and the source that does.
struct SourceFixture {
    let folder: TemporaryFolder
    let repository: GitFixture

    init() async throws {
        folder = try TemporaryFolder()
        repository = try await GitFixture(at: folder.appending("repository.git"))
    }

    /// The configuration of a source that follows the repository by its path.
    func configuration(_ url: String? = nil, branch: String = "main") -> GitSource.Configuration {
        GitSource.Configuration(
            name: "platform", url: url ?? repository.path, ref: .branch(branch), directory: folder.appending("source"),
            fetchProgram: Self.fetchProgram)
    }

    func source(_ url: String? = nil, branch: String = "main") throws -> GitSource {
        try GitSource(configuration(url, branch: branch))
    }

    /// The mirror that the source keeps.
    var mirror: String { folder.appending("source/mirror.git") }

    /// Runs git in the mirror, to see it as git does.
    @discardableResult
    func gitInMirror(_ arguments: String...) async throws -> String {
        try await Tool.run("git", ["--git-dir", mirror] + arguments, in: folder.path)
    }

    /// The program beside the one that runs the tests.
    static let fetchProgram = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("akua-gitops-fetch").path
}

/// The error that a piece of work ends with; nil if it succeeds.
func failure(of body: () async throws -> some Any) async -> GitError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? GitError
    }
}
