import Foundation
import TestSupport
import Testing

/// R13: a disk that is full or broken under the real program.
@Suite struct BadDiskTests {
    @Test func `R13 I4: when any write or flush fails, nothing leaves that is not durable, and the next pass mends it`()
        async throws
    {
        let exploration = CrashExploration("R13") { $0.count == 1 && $0[0].isFailure }
        try await exploration.run(sample: 8) { survey, _ in CrashPoint.failures(of: survey).map { [$0] } }
    }

    @Test(arguments: CrashPoint.Failure.allCases)
    func `R13: the daemon stays up, says that the disk fails, and goes on by itself when it is well`(
        _ failure: CrashPoint.Failure
    ) async throws {
        try await Installation.with { installation in
            let page = try CrashPage()
            let environment = try await page.environment(watching: installation.stateDirectory)
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation, environment: environment) { daemon in
                try await daemon.converged(on: commit)
                page.set(failure == .badFlush ? .syncError : .writeError, Int(failure == .full ? ENOSPC : EIO))
                let before = daemon.now
                let writes = installation.writes
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                let failed = try await daemon.line("reconcile.failed", after: before)
                #expect(failed.text("error").contains("journal"), "\(failed)")
                #expect(try await daemon.get("/healthz").status == 200)
                try await daemon.isUnready("platform \(failed.text("error_code"))")
                #expect(installation.writes == writes, "sent without an intent on the disk")
                #expect(try installation.journalViolations() == [])
                for word in [CrashPage.Word.syncError, .writeError] { page.set(word, 0) }
                try await daemon.converged(on: next, after: before)
                try await daemon.isUnready()
            }
            #expect(installation.writes["installs.updateVersion"] == 1)
            try await installation.expectRest()
        }
    }
}
