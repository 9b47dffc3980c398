import Foundation
import Subprocess
import SystemPackage

/// A git server over HTTP on a port of its own, with faults on request; Tests/Fixtures/git-http-server.py says which.
package struct GitHTTPServer: Sendable {
    package struct Options: Sendable {
        /// Serves `https` with this certificate.
        package var certificate: TestCertificates.Certificate?
        /// Asked of every request to a repository.
        package var user: String?
        package var password: String?
        /// Where `/moved` leads to.
        package var redirectTo = ""

        package init(
            certificate: TestCertificates.Certificate? = nil, user: String? = nil, password: String? = nil,
            redirectTo: String = ""
        ) {
            self.certificate = certificate
            self.user = user
            self.password = password
            self.redirectTo = redirectTo
        }
    }

    /// `https://localhost:PORT`.
    package let origin: String
    private let log: String

    /// Serves the repositories in a folder for as long as the body runs.
    package static func run<Result: Sendable>(
        root: String, _ options: Options = Options(), logFolder: TemporaryFolder,
        _ body: (GitHTTPServer) async throws -> Result
    ) async throws -> Result {
        let log = logFolder.appending("\(UUID().uuidString).log")
        var arguments = [script, "--root", root, "--log", log, "--redirect-to", options.redirectTo]
        if let certificate = options.certificate {
            arguments += ["--certificate", certificate.file, "--key", certificate.keyFile]
        }
        if let user = options.user { arguments += ["--user", user, "--password", options.password ?? ""] }
        let scheme = options.certificate == nil ? "http" : "https"
        let ended = try await Subprocess.run(
            .name("python3"), arguments: Arguments(arguments), input: .inputWriter, output: .sequence,
            error: .discarded
        ) { execution in
            var port = ""
            for try await line in execution.standardOutput.strings() {
                port = line.trimmingCharacters(in: .whitespacesAndNewlines)
                break
            }
            let result = try await body(GitHTTPServer(origin: "\(scheme)://localhost:\(port)", log: log))
            try await execution.standardInputWriter.finish()
            return result
        }
        return ended.closureResult
    }

    /// The requests so far: method, path, and the Authorization header or `-`.
    package var requests: [String] {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/git-http-server.py").path
}
