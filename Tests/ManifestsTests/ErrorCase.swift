import Manifests
import Testing

/// One file with what is wrong with it.
struct ErrorCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    /// All errors, without the file's name.
    var errors: [String]
    var file: String

    init(_ testDescription: String, _ text: String, _ errors: String..., file: String = "a.yaml") {
        self.testDescription = testDescription
        self.text = text
        self.errors = errors
        self.file = file
    }

    func check(_ location: Testing.SourceLocation = #_sourceLocation) async throws {
        let found = try await FileTree([file: text]).errors()
        #expect(found == errors.map { "\(file):\($0)" }, sourceLocation: location)
    }

}
