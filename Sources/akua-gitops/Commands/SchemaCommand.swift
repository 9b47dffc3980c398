import ArgumentParser
import Manifests
import Reconciler

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the manifests, for editors.")

    func run() async throws {
        try await reporting {
            try Output.print(ManifestSchema.document)
            return .inSync
        }
    }
}
