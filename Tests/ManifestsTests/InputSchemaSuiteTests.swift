import Foundation
import JSON
import Testing

@testable import Manifests

/// The official test suite of JSON Schema, read from beside the checkout: it is not part of the repository.
@Suite(
    .enabled(
        if: SharedData.has("json-schema-test-suite"),
        "no json-schema-test-suite beside the checkout; set AKUA_SHARED_DIR")
)
struct InputSchemaSuiteTests {
    /// One file of the suite.
    struct File: Sendable, CustomTestStringConvertible {
        var draft: String
        var path: String
        var testDescription: String { "\(draft)/\(path)" }
    }

    /// Optional files that hold for this validator; the other optional ones ask for what it leaves out on purpose.
    static let optional = [
        "optional/anchor.json", "optional/bignum.json", "optional/dependencies-compatibility.json",
        "optional/dynamicRef.json", "optional/ecmascript-regex.json", "optional/float-overflow.json",
        "optional/id.json",
        "optional/no-schema.json", "optional/non-bmp-regex.json", "optional/refOfUnknownKeyword.json",
        "optional/unknownKeyword.json",
    ]
    static let leftOut = [
        "optional/format/* and optional/format-assertion.json: format is an annotation here",
        "optional/content.json: the content keywords are annotations here",
        "optional/cross-draft.json: refers to draft 2019-09, which is not supported",
    ]

    static let files: [File] = ["draft7", "draft2020-12"].flatMap { draft in
        let folder = SharedData.root.appending(path: "json-schema-test-suite/tests/\(draft)")
        let mandatory = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let optional = optional.filter { FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
        return (mandatory.filter { $0.hasSuffix(".json") }.sorted() + optional).map { File(draft: draft, path: $0) }
    }

    /// The suite's remotes under the addresses that its schemas use.
    static func remotes() throws -> [String: JSONValue] {
        let root = SharedData.root.appending(path: "json-schema-test-suite/remotes")
        let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        var documents: [String: JSONValue] = [:]
        for path in paths where path.hasSuffix(".json") {
            let bytes = try SharedData.bytes("json-schema-test-suite/remotes/\(path)")
            documents["http://localhost:1234/\(path)"] = try JSONReader.read(bytes)
        }
        return documents
    }

    private static let documents = Result { try remotes() }

    @Test(arguments: files)
    func `the official suite agrees`(_ file: File) throws {
        let bytes = try SharedData.bytes("json-schema-test-suite/tests/\(file.draft)/\(file.path)")
        let dialect: SchemaDialect = file.draft == "draft7" ? .draft7 : .draft202012
        for group in try #require(try JSONReader.read(bytes).array) {
            let title = group["description"]?.string ?? ""
            let schema: InputSchema
            do {
                schema = try InputSchema(
                    compiling: try #require(group["schema"]), documents: try Self.documents.get(), dialect: dialect)
            } catch {
                Issue.record("\(title): \(error)")
                continue
            }
            for row in try #require(group["tests"]?.array) {
                let violations = schema.validate(try #require(row["data"]))
                let isExpected = violations.isEmpty == (row["valid"] == true)
                let name = "\(title): \(row["description"]?.string ?? "")"
                #expect(isExpected, "\(name): \(violations.map(\.description))")
                #expect(violations.allSatisfy { !$0.sentence.isEmpty }, "\(name)")
            }
        }
    }

    @Test func `what is left out of the suite is said`() {
        let counts = Self.files.map { file in
            let bytes = try? SharedData.bytes("json-schema-test-suite/tests/\(file.draft)/\(file.path)")
            let groups = bytes.flatMap { try? JSONReader.read($0).array } ?? []
            return groups.reduce(0) { $0 + ($1["tests"]?.array?.count ?? 0) }
        }
        print("JSON Schema test suite: \(Self.files.count) files, \(counts.reduce(0, +)) tests")
        for reason in Self.leftOut { print("left out: \(reason)") }
        #expect(counts.reduce(0, +) > 2_000)
    }
}
