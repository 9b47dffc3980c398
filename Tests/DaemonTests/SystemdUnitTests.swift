import Foundation
import Testing

private let analyzer = "/usr/bin/systemd-analyze"

/// The units as they are shipped, looked at by systemd's own tools.
@Suite struct SystemdUnitTests {
    private static let names = ["akua-gitops.service", "akua-gitops@.service"]

    private static func text(of unit: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "systemd")
        return try String(contentsOf: folder.appending(path: unit), encoding: .utf8)
    }

    private static func lines(of unit: String) throws -> [String] {
        try text(of: unit).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// Runs the tool on a unit, with a program in place that exists on every machine; its exit code and output.
    private func analyze(_ arguments: [String], _ unit: String) throws -> (code: Int32, output: String) {
        let folder = try TemporaryFolder()
        let copy = "\(folder.path)/\(unit.replacing("@", with: "@acme"))"
        try Self.text(of: unit).replacing("/usr/bin/akua-gitops", with: "/usr/bin/true")
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

    private static let hasAnalyzer = FileManager.default.isExecutableFile(atPath: analyzer)

    @Test(.enabled(if: hasAnalyzer, "needs \(analyzer)"), arguments: names)
    func `a unit has no mistake`(_ unit: String) throws {
        let (code, output) = try analyze(["verify", "--recursive-errors=yes"], unit)
        #expect(code == 0 && output.isEmpty, "\(output)")
    }

    @Test(.enabled(if: hasAnalyzer, "needs \(analyzer)"), arguments: names)
    func `S1: a unit's exposure is 1.1 at most`(_ unit: String) throws {
        let (code, output) = try analyze(["security", "--offline=true", "--threshold=11", "--no-pager"], unit)
        #expect(code == 0, "\(output)")
    }

    @Test func `the unit gives the daemon what the configuration expects`() throws {
        let lines = try Self.lines(of: "akua-gitops.service")
        for line in [
            "Type=notify", "LoadCredential=akua-token:/etc/akua-gitops/akua-token",
            "RestartPreventExitStatus=64 78 243", "StateDirectory=akua-gitops", "RuntimeDirectory=akua-gitops",
            "ExecReload=/bin/kill -HUP $MAINPID", "WatchdogSec=60s", "DynamicUser=yes",
        ] {
            #expect(lines.contains(line))
        }
    }

    @Test func `an instance has everything to itself, and is otherwise like the one unit`() throws {
        let template = try Self.lines(of: "akua-gitops@.service")
        let unit = try Self.lines(of: "akua-gitops.service")
        let own = zip(unit, template).filter { $0 != $1 }.map(\.1)
        #expect(unit.count == template.count)
        #expect(
            own == [
                "Description=Akua GitOps (%i): keeps an Akua workspace as git declares it",
                "ExecStart=/usr/bin/akua-gitops run --config /etc/akua-gitops/%i.yaml",
                "LoadCredential=akua-token:/etc/akua-gitops/%i.akua-token",
                "StateDirectory=akua-gitops-%i",
                "RuntimeDirectory=akua-gitops-%i",
                "WorkingDirectory=%S/akua-gitops-%i",
            ])
    }
}
