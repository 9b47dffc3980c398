import Foundation
import Testing

private let analyzer = "/usr/bin/systemd-analyze"

/// The unit as it is shipped, looked at by systemd's own tools.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: analyzer), "needs \(analyzer)"))
struct SystemdUnitTests {
    private static let unit = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "systemd/akua-gitops.service")

    /// Runs the tool on the unit, with a program in place that exists on every machine; its exit code and output.
    private func analyze(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let folder = try TemporaryFolder()
        let copy = "\(folder.path)/akua-gitops.service"
        let text = try String(contentsOf: Self.unit, encoding: .utf8)
        try text.replacing("/usr/bin/akua-gitops", with: "/usr/bin/true")
            .write(toFile: copy, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: analyzer)
        process.arguments = arguments + [copy]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test func `the unit has no mistake`() throws {
        let (code, output) = try analyze(["verify", "--recursive-errors=yes"])
        #expect(code == 0 && output.isEmpty, "\(output)")
    }

    @Test func `S1: the unit's exposure is 1.1 at most`() throws {
        let (code, output) = try analyze(["security", "--offline=true", "--threshold=11", "--no-pager"])
        #expect(code == 0, "\(output)")
    }

    @Test func `the unit gives the daemon what the configuration expects`() throws {
        let lines = try String(contentsOf: Self.unit, encoding: .utf8).split(separator: "\n")
        for line in [
            "Type=notify", "LoadCredential=akua-token:/etc/akua-gitops/akua-token", "RestartPreventExitStatus=64 78",
            "StateDirectory=akua-gitops", "RuntimeDirectory=akua-gitops", "ExecReload=/bin/kill -HUP $MAINPID",
        ] {
            #expect(lines.contains(Substring(line)))
        }
    }
}
