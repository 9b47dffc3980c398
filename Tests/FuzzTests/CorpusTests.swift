import Foundation
import Testing

/// S7: every input that was ever worth keeping goes through its property, without a fuzzer.
///
/// `scripts/fuzz` looks for further ones. A finding becomes a file in `Tests/Corpus/<target>` and a named test here.
@Suite struct CorpusTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus")

    /// What an ordinary run can bear, and a reader of the repository.
    private static let (fileBytesMax, filesMax) = (16 << 10, 100)

    private func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Self.corpus.appending(path: target.name)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: folder.appending(path: name))))
        }
    }

    @Test(arguments: FuzzTarget.all)
    func `S7: the property holds for all that is kept`(_ target: FuzzTarget) async throws {
        let inputs = try inputs(of: target)
        #expect((3...Self.filesMax).contains(inputs.count), "\(inputs.count) inputs")
        for (name, bytes) in inputs + Self.simplest {
            #expect(bytes.count <= Self.fileBytesMax, "\(name)")
            do { try await target.run(bytes) } catch {
                Issue.record("\(target.name)/\(name): \(target.property); but: \(error)")
            }
        }
    }

    /// What no corpus needs a file for.
    private static let simplest: [(name: String, bytes: [UInt8])] = [
        ("nothing", []), ("one byte", [0x61]), ("a line end", [0x0A]), ("a zero", [0]),
        ("no UTF-8", [0xFF, 0xFE, 0x80]),
        ("lines", Array(repeating: 0x0A, count: 64)),
    ]

    @Test func `S7: targets and folders of the corpus go by the same names, of which there are twelve or more`() throws
    {
        let names = FuzzTarget.all.map(\.name)
        #expect(Set(names).count == names.count && names.count >= 12)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(folders.sorted() == names.sorted())
    }

    @Test func `a property that does not hold is told`() async throws {
        let target = FuzzTarget("example", "inputs are empty") { try require($0.isEmpty, "\($0.count) bytes") }
        try await target.run([])
        let error = await #expect(throws: PropertyBroken.self) { try await target.run([1, 2]) }
        #expect(error?.description == "2 bytes")
    }
}
