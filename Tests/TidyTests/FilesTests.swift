import Foundation
import Testing

/// What the documents promise is in the repository.
@Suite struct FilesTests {
    @Test(arguments: [
        "config/akua-gitops.yaml", "config/settings.yaml", "systemd/akua-gitops.service",
        "systemd/akua-gitops@.service", "systemd/README.md", "SECURITY.md",
    ])
    func `a file that users are sent to is there`(_ path: String) {
        #expect(Repository.exists(path))
    }

    @Test func `every path that a document names exists`() throws {
        let documents =
            try ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].filter(Repository.exists)
            + ["docs", "systemd", "examples"].flatMap(Repository.files).filter { $0.hasSuffix(".md") }
        let path =
            /(?:^|[\s`(\[])((?:config|systemd|examples|scripts|docs|Sources|Tests)\/[A-Za-z0-9_.\/+-]*[A-Za-z0-9_+-])/
        var missing: [String] = []
        for document in documents {
            let text = try Repository.text(of: document)
            for match in text.matches(of: path) where !Repository.exists(String(match.1)) {
                missing.append("\(document): \(match.1)")
            }
        }
        expectNone(missing)
    }

    @Test func `no stub is left in a folder that has sources`() throws {
        let stubs = try ["Sources", "Tests"].flatMap(Repository.files).filter { $0.hasSuffix("/stub.swift") }
        let leftover = try stubs.filter { stub in
            try Repository.files(in: String(stub.dropLast("/stub.swift".count))).count > 1
        }
        expectNone(leftover)
    }

    @Test func `neither paths of one machine nor secrets are in the repository`() throws {
        let folders = ["Sources", "Tests", "config", "systemd", "examples", "scripts", "docs"]
        let word = /\/(?:work|root|Users|home\/\w+)\/[a-z]|BEGIN (?:RSA|OPENSSH|EC) PRIVATE KEY-----\n[A-Za-z0-9]/
        var findings: [String] = []
        for path in try folders.flatMap(Repository.files) {
            guard let text = try? Repository.text(of: path), text.contains(word) else { continue }
            findings.append(path)
        }
        // This test names what it looks for.
        expectNone(findings.filter { !$0.hasSuffix("TidyTests/FilesTests.swift") })
    }
}
