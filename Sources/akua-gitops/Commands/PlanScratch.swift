import Bootstrap
import Foundation

/// A folder to fetch into: what only looks writes nothing to the state directory, so that it can run beside the daemon.
struct PlanScratch {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "akua-gitops-plan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func redirected(_ configuration: Configuration) -> Configuration {
        var redirected = configuration
        redirected.stateDirectory = folder.path
        return redirected
    }

    func remove() {
        // Left over, it is a mirror of a repository in a private folder, and the system clears such folders.
        try? FileManager.default.removeItem(at: folder)
    }
}
