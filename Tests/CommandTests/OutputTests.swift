import Foundation
import TestSupport
import Testing

/// What the real program writes where: colour on a terminal and nowhere else, and what happens when writing fails.
@Suite struct ProgramOutputTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]),
        "shop.yaml": Road.install("shop", "1.3.0", values: "{password: canary-7f3a}"),
    ]

    /// What a shell command prints, on a terminal of its own.
    private func onTerminal(_ command: String, in installation: Installation) async throws -> String {
        let program = "\(Installation.program.path) \(command) --config \(installation.folder.appending("config.yaml"))"
        let output = try await Tool.run(
            "script", ["--quiet", "--command", "\(program); true", "/dev/null"], in: installation.folder.path,
            environment: ["TERM": "xterm", "NO_COLOR": ""])
        return output.replacing("\r\n", with: "\n")
    }

    @Test func `a plan is plain where nobody looks, and in colour on a terminal that wants it`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.files, message: "Open the \u{1B}[31mshop")
            let plain = try await installation.run("plan")
            #expect(plain.status == 2)
            #expect(plain.errors == "")
            try Golden.expect(plain.output, is: "program/plan.txt")
            #expect(!plain.output.contains("\u{1B}") && !plain.output.contains("canary"), "S12, I11")
            let colored = try await onTerminal("plan", in: installation)
            #expect(colored.contains("\u{1B}[32m+ import"))
            #expect(colored.replacing(/\u{1B}\[[0-9;]*[mK]|\r/, with: "") == plain.output)
            #expect(try await !onTerminal("plan --no-color", in: installation).contains("\u{1B}[32m"))
        }
    }

    @Test func `history and status tell what a reconcile did`() async throws {
        try await Installation.with { installation in
            let before = try await installation.run("status")
            #expect(before.status == 1)
            #expect(before.errors.contains("there is no journal in "))
            try await installation.repository.commit(Self.files, message: "Open the shop")
            let done = try await installation.run("reconcile")
            #expect(done.status == 0, "\(done)")
            #expect(done.output.contains("Changed, in sync now: 3 created, 1 updated, 1 rendered"))
            #expect(done.errors.contains("platform: create Install/shop: succeeded\n"))
            let history = try await installation.run("history")
            #expect(history.output.contains("  done      create                 Install/shop\n"), "\(history)")
            let status = try await installation.run("status")
            #expect(status.output.hasPrefix("platform  in sync at "), "\(status)")
            #expect(status.output.contains(/Install\/shop +ready/), "\(status)")
        }
    }

    @Test func `output that can't be written is an error, not a crash`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.files)
            let command = "\(Installation.program.path) schema > /dev/full 2> error; echo $? >> error; cat error"
            let output = try await Tool.run("sh", ["-c", command], in: installation.folder.path)
            #expect(output.hasPrefix("akua-gitops: standard output can't be written: "))
            #expect(output.hasSuffix("\n1"))
        }
    }

    @Test(arguments: [
        ["bogus"], ["plan", "--bogus"], ["plan", "--output", "xml"], ["plan", "--timeout", "0"],
        ["plan", "--source", "nope"], ["status", "--output", "markdown"], ["history", "--limit", "0"], ["allow"],
        ["allow", "abc"], ["release", "checkout"], ["release", "Shop/checkout"], ["reconcile", "--allow", "1"],
    ])
    func `wrong usage ends with 64 and says what is wrong`(_ arguments: [String]) async throws {
        try await Installation.with { installation in
            let ending = try await installation.run(arguments)
            #expect(ending.status == 64, "\(ending)")
            #expect(!ending.errors.isEmpty)
            #expect(ending.output == "")
        }
    }

    @Test func `a platform that can't be reached is told once`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.files)
            let ending = try await installation.run(
                "plan", "--api-base-url", "http://127.0.0.1:1/v1", "--timeout", "60")
            #expect(ending.status == 69, "\(ending)")
            #expect(ending.output.contains("127.0.0.1"), "\(ending)")
            #expect(ending.errors == "", "\(ending)")
        }
    }
}
