import Foundation
import TestSupport
import Testing

/// S11: the daemon says at its start which libraries of the machine nobody should run any more.
@Suite struct LibraryWarningTests {
    @Test func `S11: a library that is known to be bad is a warning at start, and nothing else changes`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            // A library that gives itself out for an old one: it comes first, so its answer counts.
            let source = try installation.folder.write(
                "const char *yaml_get_version_string(void) { return \"0.1.4\"; }\n", to: "old.c")
            let old = installation.folder.appending("old.so")
            try await Tool.run("cc", ["-shared", "-fPIC", "-o", old, source], in: installation.folder.path)
            try await RunningDaemon.with(installation, environment: ["LD_PRELOAD": old]) { daemon in
                let line = try await daemon.line("library.outdated")
                #expect(line.text("level") == "warning" && line.text("libraries") == "libyaml/0.1.4", "\(line)")
                #expect(line.text("reason").contains("CVE-2014-9130"), "\(line)")
                try await daemon.converged(on: commit)
                #expect(daemon.lines.count { $0.event == "library.outdated" } == 1)
            }
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                #expect(daemon.lines.allSatisfy { $0.event != "library.outdated" }, "this machine's are not bad")
            }
        }
    }
}
