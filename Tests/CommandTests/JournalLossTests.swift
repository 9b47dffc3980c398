import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// I13: a journal that has lost its newest entries is not used in silence.
@Suite struct JournalLossTests {
    /// Makes a pass that is killed, and takes its write-ahead log away.
    private func loseLog(of installation: Installation) async throws {
        try await installation.repository.commit(["package.yaml": Road.package(["1.3.0"])])
        installation.emulator.emulator.add(Fault(on: "packages.importPublished", .nth(1), .hang))
        let (pids, started) = AsyncStream<Int32>.makeStream()
        async let ending = installation.reconcile { started.yield($0) }
        await installation.emulator.emulator.waitForRequests(of: "packages.importPublished", count: 1)
        for await pid in pids {
            kill(pid, SIGKILL)
            break
        }
        #expect(try await ending.ending.wasKilled)
        installation.emulator.emulator.removeFaults()
        try FileManager.default.removeItem(atPath: installation.folder.appending("state/journal.sqlite-wal"))
    }

    @Test func `a one-shot pass says it, and looks for what is lost`() async throws {
        try await Installation.with { installation in
            try await loseLog(of: installation)
            let pass = try await installation.reconcile()
            #expect(pass.ending.errors.contains("the journal's newest entries are lost"), "\(pass)")
            #expect(pass.status == 0)
            #expect(installation.writes["packages.importPublished"] == 1)
            let again = try await installation.reconcile()
            #expect(!again.ending.errors.contains("lost"), "\(again)")
        }
    }

    @Test func `the daemon says it in its log`() async throws {
        try await Installation.with { installation in
            try await loseLog(of: installation)
            try await RunningDaemon.with(installation) { daemon in
                let line = try await daemon.line("journal.recovered") { $0.text("level") == "error" }
                #expect(line.text("msg").contains("newest entries are lost"))
                try await daemon.line("reconcile.finished")
            }
        }
    }
}
