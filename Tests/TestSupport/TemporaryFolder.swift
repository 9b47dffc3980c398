import Foundation

/// A folder of one test's own, removed with all that is in it when its last owner is gone.
///
/// Keep it in a property of the suite: a local constant may be let go as soon as the test stops naming it.
package final class TemporaryFolder: Sendable {
    /// Absolute, without symbolic links.
    package let path: String

    package init() throws {
        var template = Array((NSTemporaryDirectory() + "akua-gitops-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil, let resolved = realpath(template, nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        defer { free(resolved) }
        path = String(cString: resolved)
    }

    deinit {
        // A folder that a test has made unreadable stays; the test itself has shown what it was about.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in the folder.
    package func appending(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, making the folders on the way to it; its absolute path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let file = URL(fileURLWithPath: appending(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
