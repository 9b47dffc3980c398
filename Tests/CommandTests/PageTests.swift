import Foundation
import TestSupport
import Testing

/// The daemon's page, in a real browser where there is one.
@Suite struct PageTests {
    /// Debian's name for it, and others'.
    private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy
        .map { "/usr/bin/\($0)" }.first(where: FileManager.default.isExecutableFile)

    private static let hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

    /// What a browser makes of the page: its document after everything has run, and its console.
    private func browse(_ port: Int, _ folder: TemporaryFolder, _ arguments: String...) async throws
        -> Installation.Ending
    {
        let browser = try #require(Self.browser)
        return try await Installation.run(
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--enable-logging=stderr", "--v=0",
                "--user-data-dir=\(folder.appending("browser"))",
            ] + arguments + ["http://127.0.0.1:\(port)/"], of: URL(filePath: browser), [:], in: folder)
    }

    @Test func `the page is read only, kept from everything else, and asks for nothing but itself`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first, message: Self.hostile)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                let answer = try await daemon.get("/")
                let html = String(decoding: answer.body, as: UTF8.self)
                #expect(answer.status == 200)
                let nonce = try #require(html.firstMatch(of: /<style nonce="([a-z0-9]{16,})">/)?.1)
                #expect(
                    answer.header("content-security-policy")
                        == "default-src 'none'; style-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                )
                #expect(answer.header("content-type") == "text/html; charset=utf-8")
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(
                    html.contains("<code>Install/shop</code>") && !html.contains("<img") && !html.contains("<script"))
                let again = try await daemon.get("/")
                #expect(!String(decoding: again.body, as: UTF8.self).contains("nonce=\"\(nonce)\""))
                #expect(try await RawHTTP(port: try await daemon.port()).send("POST", "/").status == 404)
            }
        }
    }

    @Test(
        .enabled(
            if: PageTests.browser != nil,
            "needs a browser: apt-get install chromium (290 MB, so that scripts/setup does not)"))
    func `S12: a browser shows it, and runs nothing that a commit brought`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first, message: Self.hostile)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                let port = try await daemon.port()
                let seen = try await browse(port, installation.folder, "--dump-dom")
                #expect(seen.status == 0, "\(seen)")
                #expect(seen.output.contains("<title>akua-gitops</title>") && !seen.output.contains("<img"), "\(seen)")
                #expect(seen.output.contains("&lt;script&gt;") && seen.output.contains("<code>Install/shop</code>"))
                #expect(
                    !seen.errors.contains("Content Security Policy"), "its own style is let through: \(seen.errors)")
                let picture = installation.folder.appending("page.png")
                _ = try await browse(port, installation.folder, "--screenshot=\(picture)", "--window-size=1200,900")
                #expect(try Data(contentsOf: URL(filePath: picture)).count > 10_000)
            }
        }
    }
}
