import Foundation
import JSON
import TestSupport
import Testing

/// The journal of the machine's own systemd, in a mount namespace where it is ours alone.
@Suite struct RealJournalTests {
    @Test(.enabled(if: mayMount, "NOT TESTED: a journal of its own takes root, unshare and systemd-journald"))
    func `a pass whose output is the journal's is found there by event and by name`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(RunTests.first)
            var settings = installation.settings
            settings.format = "auto"
            try installation.configure(settings)
            let script = try installation.folder.write(Self.script, to: "journal.sh")
            let found = try await Tool.run(
                "unshare",
                [
                    "--mount", "bash", script, Installation.program.path, "reconcile", "--config",
                    installation.folder.appending("config.yaml"),
                ], in: installation.folder.path)
            let parts = found.components(separatedBy: "====").map { part in
                part.split(separator: "\n").compactMap { try? JSONReader.read(String($0)) }  // None is a failure below.
            }
            #expect(parts.count == 3)
            let names = parts.first ?? []
            #expect(!names.isEmpty && names.allSatisfy { $0["AKUA_NAME"] == "shop" && $0["_TRANSPORT"] == "journal" })
            #expect(names.contains { $0["AKUA_EVENT"] == "action.succeeded" && $0["AKUA_ACTION"] == "create" })
            #expect(parts.dropFirst().first?.map { $0["AKUA_EVENT"] } == ["reconcile.finished"])
            #expect(parts.last?.isEmpty == true, "the output holds lines that the journal has already")
        }
    }

    /// Starts a journal, runs a command with its errors going there, and asks for three kinds of lines.
    private static let script = """
        set -euo pipefail
        mount --make-rprivate /
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
        printf '[Journal]\\nReadKMsg=no\\nStorage=volatile\\nAudit=no\\n' >/run/systemd/journald.conf.d/test.conf
        /lib/systemd/systemd-journald >&2 2>/dev/null &
        journal=$!
        trap 'kill $journal' EXIT
        until [[ -S /run/systemd/journal/socket && -S /run/systemd/journal/stdout ]]; do sleep 0.02; done
        systemd-cat bash -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"' command "$@"
        journalctl --sync
        journalctl --quiet --output json AKUA_NAME=shop
        echo ====
        journalctl --quiet --output json MESSAGE_ID=\(finished)
        echo ====
        journalctl --quiet --output json _TRANSPORT=stdout | grep '"v":1' || true
        """

    /// Of `reconcile.finished`, as docs/reference/events.md has it.
    private static let finished: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        // Without the file nothing is found.
        let text = (try? String(contentsOf: root.appending(path: "docs/reference/events.md"), encoding: .utf8)) ?? ""
        let row = text.split(separator: "\n").first { $0.hasPrefix("| `reconcile.finished`") } ?? ""
        return row.matches(of: /`([0-9a-f]{32})`/).first.map { String($0.1) } ?? ""
    }()

    private static let mayMount: Bool = {
        guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: "/lib/systemd/systemd-journald"),
            FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-cat")
        else { return false }
        let probe = try? Process.run(URL(filePath: "/usr/bin/env"), arguments: ["unshare", "--mount", "true"])
        probe?.waitUntilExit()
        return probe?.terminationStatus == 0
    }()
}
