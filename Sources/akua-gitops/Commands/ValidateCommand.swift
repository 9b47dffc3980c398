import ArgumentParser
import Foundation
import GitSource
import Manifests
import Planning
import Reconciler

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check manifests offline: schema, references, cycles, values against input schemas.",
        discussion: """
            Needs no token, no configuration and no network. What only the workspace can know is a warning. Exits with \
            0 when the manifests are valid and 65 when they are not.
            """)

    @Argument(help: "The root of a checkout.")
    var path = "."

    @Option(help: ArgumentHelp("The source's path: the folder of the manifests in the checkout.", valueName: "folder"))
    var manifests = ""

    @Option(help: "How to print what was found.")
    var output = ReportFormat.text

    @Flag(help: "No colour, even on a terminal; so does a variable NO_COLOR.")
    var noColor = false

    func run() async throws {
        try await reporting {
            let folder = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            let loaded: LoadedSource
            do throws(SourceError) {
                loaded = try await WorkTreeRepository.read(WorkTree(folder), path: manifests)
            } catch {
                throw Failure(.invalidManifests, error.description)
            }
            let findings: ManifestFindings
            switch loaded {
            case .empty(let sentence): throw Failure(.invalidManifests, sentence)
            case .invalid(let errors): findings = ManifestFindings(errors: errors)
            case .valid(let declarations, let warnings):
                findings = ManifestFindings(warnings: warnings, objects: declarations.headers.count)
            }
            switch output {
            case .json: try Output.print(findings.document)
            case .text: try Output.print(findings.text(Terminal.standardOutput(noColor: noColor)))
            }
            return findings.errors.isEmpty ? .inSync : .invalidManifests
        }
    }
}
