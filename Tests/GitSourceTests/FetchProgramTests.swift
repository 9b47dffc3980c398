import Foundation
import GitPlumbing
import Subprocess
import TestSupport
import Testing

/// The wire between the daemon and its fetch program, and the program by itself.
@Suite struct FetchProgramTests {
    private static let limits = FetchRequest.Limits(
        objects: 1, receivedBytes: 2, memoryBytes: 3, cpuSeconds: 4)

    @Test func `a request arrives as it was sent`() throws {
        var request = FetchRequest(
            remote: .url("https://git.example.com/ä.git"), directory: "/var/lib/x y", reference: "refs/heads/main",
            limits: Self.limits, parent: 77)
        #expect(try FetchRequest(decoding: request.encoded) == request)
        request.username = "ada"
        request.password = Array("p=\u{1}ß\n".utf8)
        request.caFile = "/etc/ssl/ca.pem"
        request.replacesMirror = true
        #expect(try FetchRequest(decoding: request.encoded) == request)
        request.remote = .path("/srv/a=b")
        #expect(try FetchRequest(decoding: request.encoded) == request)
    }

    @Test(arguments: ["", "url=x\0", "nonsense\0", "url=a\0url=b\0", "parent=-1\0"])
    func `a request that is none says what is wrong`(text: String) {
        #expect(throws: MalformedMessage.self) { try FetchRequest(decoding: Array(text.utf8)) }
    }

    @Test func `a report arrives as it was sent, and in part when it is cut off`() throws {
        let failure = FetchFailure(.missingReference, "x", references: ["refs/heads/a", "refs/heads/b"])
        let outcomes: [FetchReport.Outcome?] = [
            nil, .unchanged(commit: "1"), .changed(commit: "1", previous: "2"), .changed(commit: "1", previous: nil),
            .failed(failure),
        ]
        for outcome in outcomes {
            var report = FetchReport()
            report.outcome = outcome
            report.events = [.cloned, .replaced(reason: "x"), .compacted(packs: 3)]
            report.progress.receivedObjects = 5
            #expect(try FetchReport(decoding: report.encoded) == report)
            let cut = try FetchReport(decoding: report.encoded.dropLast())
            #expect(cut.progress == report.progress)
            if outcome != nil { #expect(cut.outcome == nil) }
        }
    }

    @Test(arguments: FetchFailure.Reason.allCases)
    func `every reason has its own word`(reason: FetchFailure.Reason) throws {
        var report = FetchReport()
        report.outcome = .failed(FetchFailure(reason))
        #expect(try FetchReport(decoding: report.encoded) == report)
    }

    @Test func `a request that can't be read ends in a report`() async throws {
        let output = try await Tool.run(SourceFixture.fetchProgram, [], in: "/", input: Array("nonsense\0".utf8))
        let report = try FetchReport(decoding: Array(output.utf8))
        #expect(report.outcome == .failed(FetchFailure(.badRequest, "a record without a key")))
    }

    @Test func `it needs nothing of Foundation`() async throws {
        let libraries = try await Tool.run("ldd", [SourceFixture.fetchProgram], in: "/")
        #expect(libraries.contains("libgit2"))
        #expect(!libraries.contains("Foundation"))
    }

    @Test func `the git configuration of its user changes nothing`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(["a": "1"])
        let other = try await GitFixture(at: fixture.folder.appending("other.git"))
        try await other.commit(["b": "1"])
        try fixture.folder.write(
            """
            [url "\(other.path)"]
                insteadOf = \(fixture.repository.path)
            [safe]
                directory =
            [core]
                bare = nonsense
            """, to: ".gitconfig")
        let request = FetchRequest(
            remote: .path(fixture.repository.path), directory: fixture.folder.appending("source"),
            reference: "refs/heads/main",
            limits: FetchRequest.Limits(objects: 10, receivedBytes: 1 << 20, memoryBytes: 1 << 30, cpuSeconds: 60),
            parent: getpid())
        let output = try await Tool.run(
            SourceFixture.fetchProgram, [], in: "/",
            environment: ["HOME": fixture.folder.path, "XDG_CONFIG_HOME": fixture.folder.path],
            input: request.encoded)
        #expect(try FetchReport(decoding: Array(output.utf8)).outcome == .changed(commit: tip, previous: nil))
    }

    @Test func `it dies with the process that started it`() async throws {
        let folder = try TemporaryFolder()
        try await GitHTTPServer.run(root: folder.path, logFolder: folder) { server in
            // The shell stands for the daemon: it starts the program, and is killed while the program waits.
            let script = "exec 3<&0; \(SourceFixture.fetchProgram) <&3 & echo $$ $!; wait"
            _ = try await Subprocess.run(
                .name("sh"), arguments: ["-c", script], input: .inputWriter, output: .sequence, error: .discarded
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                let line = try #require(try await lines.next())
                let ids = line.split(separator: " ").compactMap {
                    Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                try #require(ids.count == 2)
                let request = FetchRequest(
                    remote: .url(server.origin + "/silent/a.git"), directory: folder.appending("source"),
                    reference: "refs/heads/main",
                    limits: FetchRequest.Limits(
                        objects: 1, receivedBytes: 1 << 20, memoryBytes: 1 << 30, cpuSeconds: 60), parent: ids[0])
                _ = try await execution.standardInputWriter.write(request.encoded)
                try await execution.standardInputWriter.finish()
                try await wait(for: "a request") { !server.requests.isEmpty }
                #expect(kill(ids[1], 0) == 0)
                kill(ids[0], SIGKILL)
                try await wait(for: "the program's end") { kill(ids[1], 0) != 0 || isZombie(ids[1]) }
            }
        }
    }

    private func isZombie(_ process: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return status.contains(") Z ")
    }
}
