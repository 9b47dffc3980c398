import ArgumentParser
import Reconciler

// Commands that this version does not have: refused by name, with what to do instead.

struct ExportCommand: UnsupportedCommand {
    static let configuration = hidden("export")
    static let remedy = "write the manifests by hand; packageID, clusterID and installID adopt what lives"

    @Argument(parsing: .allUnrecognized) var arguments: [String] = []
}

/// A command of a later version.
protocol UnsupportedCommand: AsyncParsableCommand {
    /// What to do instead.
    static var remedy: String { get }
}

extension UnsupportedCommand {
    func run() async throws {
        try await reporting {
            throw Failure(
                .usage, "\(Self.configuration.commandName ?? "this") is not supported by this version: \(Self.remedy)")
        }
    }

    fileprivate static func hidden(_ name: String) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name, abstract: "Not supported by this version: \(remedy).", shouldDisplay: false)
    }
}
