import Foundation
import TestSupport
import Testing

/// What `scripts/install` puts on a machine.
@Suite struct InstallTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized.path
    private static let binaries = Installation.program.deletingLastPathComponent().path

    private func install(_ arguments: String..., into folder: TemporaryFolder) async throws {
        try await Tool.run(
            "bash", ["scripts/install", "--destdir", folder.path] + arguments, in: Self.root)
    }

    private func files(in folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: folder.appending($0), isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    @Test func `what is installed works where it is, and all of it but the configuration can be removed`() async throws
    {
        let folder = try TemporaryFolder()
        try await install("--prefix", "/opt/akua", "--binaries", Self.binaries, into: folder)
        let unit = try String(
            contentsOfFile: folder.appending("opt/akua/lib/systemd/system/akua-gitops.service"), encoding: .utf8)
        #expect(unit.contains("\nExecStart=/opt/akua/bin/akua-gitops run "))
        for file in [
            "share/bash-completion/completions/akua-gitops", "share/zsh/site-functions/_akua-gitops",
            "share/fish/vendor_completions.d/akua-gitops.fish",
        ] {
            let script = try String(contentsOfFile: folder.appending("opt/akua/\(file)"), encoding: .utf8)
            #expect(script.contains("reconcile"), "\(file)")
        }
        let catalogue = folder.appending("opt/akua/lib/systemd/catalog/akua-gitops.catalog")
        #expect(try String(contentsOfFile: catalogue, encoding: .utf8).contains("Subject: action.failed"))
        // Documents link to each other as they do here.
        #expect(try files(in: folder).contains("opt/akua/share/doc/akua-gitops/reference/events.md"))
        // The fetch program is found in libexec, where nobody calls it by accident.
        try await Installation.with { installation in
            _ = try await installation.repository.commit(["package.yaml": Road.package(["1.0.0"])])
            let ending = try await Installation.run(
                ["reconcile", "--config", installation.folder.appending("config.yaml")],
                of: URL(filePath: folder.appending("opt/akua/bin/akua-gitops")), [:], in: installation.folder)
            #expect(ending.status == 0, "\(ending)")
        }

        let configuration = folder.appending("etc/akua-gitops/config.yaml")
        try "mine".write(toFile: configuration, atomically: true, encoding: .utf8)
        try await install("--prefix", "/opt/akua", "--binaries", Self.binaries, into: folder)
        #expect(try String(contentsOfFile: configuration, encoding: .utf8) == "mine")
        try await install("--prefix", "/opt/akua", "--uninstall", into: folder)
        #expect(try files(in: folder) == ["etc/akua-gitops/config.yaml"])
    }

    @Test func `the manual has every command, option and exit code`() async throws {
        let page = try await Tool.run("python3", ["scripts/manual", Installation.program.path], in: Self.root)
            .replacing("\\-", with: "-")
        let help = try await Tool.run(Installation.program.path, ["--help"], in: Self.root)
        let command = #/\n  ([a-z]+) /#
        let commands = try #require(help.split(separator: "SUBCOMMANDS:").last).matches(of: command)
            .map { String($0.1) }
        #expect(commands.contains("run") && commands.count > 8)
        for command in commands {
            #expect(page.contains("\n.SS \(command)"), "\(command)")
            let text = try await Tool.run(Installation.program.path, ["help", command], in: Self.root)
            let options = /\n +(?:-h, )?(--[a-z-]+)/
            for option in text.matches(of: options) {
                #expect(page.contains("\(option.1)"), "\(command) \(option.1)")
            }
        }
        for code in [0, 1, 2, 64, 65, 69, 75, 78] { #expect(page.contains("\n.B \(code)\n"), "\(code)") }
    }
}
