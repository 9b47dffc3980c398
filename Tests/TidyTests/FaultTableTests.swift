import Foundation
import Testing

/// R6: the faults that `scripts/mutate` plants still have their places in the sources.
@Suite struct FaultTableTests {
    private struct Change {
        var fault: String
        var path: String
        var before: String
        var after: String
    }

    private func changes() throws -> [Change] {
        let table = try Repository.text(of: "Tests/Faults/faults.txt")
        let change = /^@ (\S+)\n<<<<\n(.*?)\n====\n(.*?)\n>>>>$/.anchorsMatchLineEndings().dotMatchesNewlines()
        return table.split(separator: "\n## ").dropFirst().flatMap { section -> [Change] in
            let name = String(section.prefix { $0 != "\n" })
            return section.matches(of: change).map {
                Change(fault: name, path: String($0.1), before: String($0.2), after: String($0.3))
            }
        }
    }

    @Test func `R6: there are thirty faults or more, each with a name of its own`() throws {
        let names = try Repository.text(of: "Tests/Faults/faults.txt").split(separator: "\n")
            .filter { $0.hasPrefix("## ") }
        #expect(names.count >= 30 && Set(names).count == names.count)
        #expect(Set(try changes().map(\.fault)).count == names.count)
    }

    @Test func `R6: what a fault changes stands in its file once, and only a switch brings it about`() throws {
        var wrong: [String] = []
        for change in try changes() {
            let count = try Repository.text(of: change.path).ranges(of: change.before).count
            if count != 1 { wrong.append("\(change.fault): its text stands \(count) times in \(change.path)") }
            if !change.after.contains("PLANTED") { wrong.append("\(change.fault): is always on") }
        }
        expectNone(wrong)
    }

    @Test func `R6: no source knows of a planted fault`() throws {
        let sources = try Repository.files(in: "Sources").filter { $0.hasSuffix(".swift") }
        expectNone(try sources.filter { try Repository.text(of: $0).contains(/(?i)planted/) })
    }
}
