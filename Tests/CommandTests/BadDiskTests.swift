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

    @Test func `R13 I4: when the power fails after a flush that failed, nothing that was sent is forgotten`()
        async throws
    {
        let exploration = CrashExploration("R13") { $0.count == 1 && $0[0].isLostFlush }
        try await exploration.run(sample: 6) { survey, dice in
            CrashPoint.lostFlushes(of: survey, &dice).map { [$0] }
        }
    }

    @Test func `R13: the daemon stays up, says that the disk fails, and goes on by itself when it is well`()
        async throws
    {
        try await sideBySide(CrashPoint.Failure.allCases) { try await Self.runDaemon(on: $0) }
    }

    private static func runDaemon(on failure: CrashPoint.Failure) async throws {
        try await Installation.with { installation in
            let page = try CrashPage()
            let environment = try await page.environment(watching: installation.stateDirectory)
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation, environment: environment) { daemon in
                try await daemon.converged(on: commit)
                page.set(failure)
                let before = daemon.now
                let writes = installation.writes
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                let failed = try await daemon.line("reconcile.failed", after: before)
                #expect(failed.text("error").contains("journal"), "\(failure): \(failed)")
                #expect(try await daemon.get("/healthz").status == 200, "\(failure)")
                try await daemon.isUnready("platform \(failed.text("error_code"))")
                #expect(installation.writes == writes, "\(failure): sent without an intent on the disk")
                #expect(try installation.journalViolations() == [], "\(failure)")
                for word in [CrashPage.Word.syncError, .writeError] { page.set(word, 0) }
                try await daemon.converged(on: next, after: before)
                try await daemon.isUnready()
            }
            #expect(installation.writes["installs.updateVersion"] == 1, "\(failure)")
            try await installation.expectRest()
        }
    }

    @Test(.enabled(if: mayMount, "NOT TESTED: a file system of 4 MiB can be mounted by root only"))
    func `R13: on a file system without room the daemon stays up, says so, and goes on by itself`() async throws {
        try await Installation.with { installation in
            let folder = installation.folder.path
            let state = installation.stateDirectory
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            try await Tool.run(
                "mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", state], in: folder)
            do {
                let commit = try await installation.repository.commit(RunTests.first)
                try await RunningDaemon.with(installation) { daemon in
                    try await daemon.converged(on: commit)
                    let ballast = installation.stateDirectory + "/ballast"
                    try Self.fill(ballast)
                    let (before, writes) = (daemon.now, installation.writes)
                    let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                    let failed = try await daemon.line("source.failed", after: before)
                    #expect(failed.text("error").lowercased().contains("space"), "\(failed)")
                    #expect(try await daemon.get("/healthz").status == 200)
                    try await daemon.isUnready("platform git-unreachable")
                    #expect(installation.writes == writes)
                    try FileManager.default.removeItem(atPath: ballast)
                    try await daemon.converged(on: next, after: before)
                    try await daemon.isUnready()
                }
                #expect(installation.writes["installs.updateVersion"] == 1)
                try await installation.expectRest()
            } catch {
                try await Tool.run("umount", ["-l", state], in: folder)
                throw error
            }
            try await Tool.run("umount", ["-l", state], in: folder)
        }
    }

    /// Writes until there is no room.
    private static func fill(_ path: String) throws {
        try Data().write(to: URL(filePath: path))
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? handle.close() }
        // Ends with the error that is wanted.
        while (try? handle.write(contentsOf: Data(count: 512))) != nil {}
    }

    /// Whether this process may mount file systems: root in a container often may not.
    private static let mayMount: Bool = {
        let probe = try? Process.run(URL(filePath: "/usr/bin/env"), arguments: ["unshare", "-m", "true"])
        probe?.waitUntilExit()
        return geteuid() == 0 && probe?.terminationStatus == 0
    }()

    @Test func `R13: without a descriptor to spare the daemon stays up, says so, and goes on by itself`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                let (before, writes) = (daemon.now, installation.writes)
                // Not in the middle of a start: see what remains of R13 in docs/reliability.md.
                try await daemon.hasFetched()
                // One is left, for those who ask how it is.
                let limit = try daemon.firstFreeDescriptor + 1
                try await Tool.run("prlimit", ["--pid", "\(daemon.pid)", "--nofile=\(limit):"], in: "/")
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                let failed = try await daemon.line("source.failed", after: before)
                #expect(failed.text("error").contains("open files"), "\(failed)")
                #expect(try await daemon.get("/healthz").status == 200)
                try await daemon.isUnready("platform git-unreachable")
                #expect(installation.writes == writes)
                try await Tool.run("prlimit", ["--pid", "\(daemon.pid)", "--nofile=1024:"], in: "/")
                try await daemon.converged(on: next, after: before)
                try await daemon.isUnready()
            }
            #expect(installation.writes["installs.updateVersion"] == 1)
            try await installation.expectRest()
        }
    }

    /// The fewer there are, the earlier a pass fails: at the journal, at git, at the platform.
    @Test
    func `R13 I4: however few descriptors a pass has, nothing leaves that is not durable, and the next one mends it`()
        async throws
    {
        try await Installation.with { installation in
            try await installation.apply(RunTests.first)
            var endings: [Int32: Int] = [:]
            let limits = Array(stride(from: 12, to: 84, by: CrashExploration.isComplete ? 1 : 8))
            for (number, limit) in limits.enumerated() {
                let version = number.isMultiple(of: 2) ? "1.4.0" : "1.3.0"
                try await installation.repository.commit(["shop.yaml": Road.install("shop", version)])
                let ending = try await installation.run(["reconcile"], descriptors: limit)
                endings[ending.status, default: 0] += 1
                #expect(!ending.wasKilled && [0, 1, 69, 75].contains(ending.status), "\(limit): \(ending)")
                #expect(try installation.journalViolations() == [], "\(limit)")
                let next = try await installation.reconcile()
                #expect(next.status == 0, "\(limit): \(next)")
                #expect(installation.writes["installs.updateVersion"] == number + 1, "\(limit)")
            }
            print("R13: ends with few descriptors, by exit code: \(endings)")
            #expect(endings.count > 1)
            try await installation.expectRest()
        }
    }
}
