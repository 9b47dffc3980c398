import Foundation
import TestSupport
import Testing

/// S2, I11: the memory of the daemon, which holds the token, is nobody's to read but root's.
@Suite struct ProcessMemoryTests {
    /// Runs a program as a user who may not look into every process: root becomes another one.
    private static let asUser = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

    private static let mayBecomeUser: Bool = {
        let program = Installation.program.path
        let probe = try? Process.run(URL(filePath: "/usr/bin/env"), arguments: asUser + [program, "--version"])
        probe?.waitUntilExit()
        return probe?.terminationStatus == 0
    }()

    /// What of both an ordinary process and the daemon their own user is refused: of `/proc`, where `mem` is what a debugger
    /// (`gcore`) attaches by.
    private static let script = """
        looked() {
            for file in environ maps mem; do
                error=$(head -c 1 "/proc/$2/$file" 2>&1 >/dev/null) || true
                if [[ $error == *denied* ]]; then echo "$1 $file"; fi
            done
        }
        sleep 60 & other=$!
        "$@" >log & daemon=$!
        until grep -q daemon.starting log; do sleep 0.05; done
        looked ordinary $other
        looked daemon $daemon
        kill $other $daemon
        wait $daemon
        """

    @Test(.enabled(if: mayBecomeUser, "NOT TESTED: no other user may run the program where it is"))
    func `S2: no other process of its user reads its memory or attaches to it`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            api: {baseURL: "http://127.0.0.1:1"}
            sources: [{name: nowhere, url: /nonexistent}]
            stateDirectory: \(folder.path)
            server: {listen: "127.0.0.1:0"}
            """, to: "config.yaml")
        if geteuid() == 0 { try await Tool.run("chown", ["-R", "65534:65534", folder.path], in: "/") }
        let said = try await Tool.run(
            "env",
            Self.asUser + [
                "bash", "-c", Self.script, "memory", Installation.program.path, "run", "--config",
                folder.appending("config.yaml"),
            ], in: folder.path, environment: ["AKUA_API_TOKEN": "sk_akua_local"])
        #expect(said.split(separator: "\n") == ["daemon environ", "daemon maps", "daemon mem"])
    }

    /// Where the kernel writes an image beside the program that crashed, so that it can be looked for.
    private static let leavesCores: Bool = {
        let pattern = try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
        return pattern?.wholeMatch(of: /core[^\/|]*\n/) != nil
    }()

    @Test(.enabled(if: leavesCores, "NOT TESTED: the kernel gives images of crashed programs to another one"))
    func `S2: it leaves no image of its memory when it crashes`() async throws {
        try await Installation.with { installation in
            _ = try await installation.repository.commit(RunTests.first)
            let script = """
                ulimit -c unlimited
                sleep 60 & kill -ABRT $!; wait $! || true
                echo "$(ls | grep -c ^core)"
                rm -f core*
                SWIFT_BACKTRACE=enable=no "$@" >log & daemon=$!
                until grep -q daemon.starting log; do sleep 0.05; done
                kill -ABRT $daemon; wait $daemon || echo "$?"
                echo "$(ls | grep -c ^core)"
                """
            let place = installation.folder.appending("crash")
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            let said = try await Tool.run(
                "bash",
                [
                    "-c", script, "crash", Installation.program.path, "run", "--config",
                    installation.folder.appending("config.yaml"),
                ],
                in: place)
            #expect(
                said.split(separator: "\n") == ["1", "134", "0"], "an ordinary program leaves one, the daemon does not")
        }
    }
}
