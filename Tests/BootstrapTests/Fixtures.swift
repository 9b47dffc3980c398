import Bootstrap
import Foundation

/// A folder of its own, gone with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "akua-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file with that mode and answers its path.
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}

/// The configuration that a text makes, or the sentences that say what is wrong with it.
func configuration(
    _ yaml: String, _ environment: [String: String] = [:], _ flags: [String: String] = [:]
) -> Result<Configuration, ConfigurationErrors> {
    do throws(ConfigurationErrors) {
        return .success(
            try Configuration.parse(Array(yaml.utf8), path: "/etc/c.yaml", environment: environment, flags: flags))
    } catch {
        return .failure(error)
    }
}

extension Result where Success == Configuration, Failure == ConfigurationErrors {
    /// What is wrong, a line each; empty when nothing is.
    var problems: [String] {
        switch self {
        case .success: []
        case .failure(let errors): errors.errors.map(\.description)
        }
    }
}

/// The root of the repository.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
