import Foundation
import TestSupport
import Testing

/// S11: what the program is made of is pinned, named and licensed.
@Suite struct SupplyChainTests {
    /// The part of CycloneDX that matters here.
    private struct Bill: Decodable {
        struct Component: Decodable {
            var name: String
            var version: String?
            var licenses: [License]?
            var purl: String?
        }
        struct License: Decodable { var expression: String }
        var bomFormat: String
        var components: [Component]
    }

    private func bill() async throws -> Bill {
        let text = try await Tool.run("python3", ["scripts/sbom"], in: Repository.root.path)
        return try JSONDecoder().decode(Bill.self, from: Data(text.utf8))
    }

    @Test func `S11: every dependency is pinned to one version, and the bill of materials has it with its licence`()
        async throws
    {
        let package = try Repository.text(of: "Package.swift")
        let declared = package.matches(of: /\.package\(\s*url: "https:\/\/([^"]+)"/).map { String($0.1) }
        let pinned = package.matches(of: /\.package\(\s*url: "https:\/\/([^"]+)",\s*exact: "([0-9.]+)"[,)]/)
        #expect(declared.count == pinned.count && declared.count > 0)
        #expect(declared.count <= 12)

        let bill = try await bill()
        #expect(bill.bomFormat == "CycloneDX")
        for pin in pinned {
            let purl = "pkg:swift/\(pin.1)@\(pin.2)"
            let component = bill.components.first { $0.purl == purl }
            #expect(component?.version == String(pin.2), "\(purl)")
        }
        expectNone(bill.components.filter { ($0.licenses ?? []).isEmpty }.map(\.name))
    }

    @Test func `S11: the system's libraries are in the bill of materials with their versions`() async throws {
        let bill = try await bill()
        for library in ["libgit2", "libcurl", "libyaml", "SQLite"] {
            #expect(bill.components.first { $0.name == library }?.version?.isEmpty == false, "\(library)")
        }
    }

    @Test func `S11: no target is built with flags that the package manager calls unsafe`() throws {
        #expect(!(try Repository.text(of: "Package.swift").contains("unsafeFlags")))
    }
}
