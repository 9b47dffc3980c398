/// Certificates made for one test by `openssl`: an authority, and what it signs.
package struct TestCertificates: Sendable {
    package struct Certificate: Sendable {
        package var file: String
        package var keyFile: String
    }

    private let folder: TemporaryFolder
    private let authority: Certificate

    /// What a client has to trust.
    package var authorityFile: String { authority.file }

    /// Makes the authority.
    package init(in folder: TemporaryFolder, name: String = "authority") async throws {
        self.folder = folder
        authority = Certificate(file: folder.appending("\(name).pem"), keyFile: folder.appending("\(name).key"))
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", authority.keyFile, "-out", authority.file)
    }

    /// A server's certificate for one host, valid for so many days from now; a number below zero makes it expired.
    package func issue(for host: String, days: Int = 2) async throws -> Certificate {
        let name = "\(host)-\(days)"
        let certificate = Certificate(
            file: folder.appending("\(name).pem"), keyFile: folder.appending("\(name).key"))
        let request = folder.appending("\(name).csr")
        let extensions = try folder.write("subjectAltName=DNS:\(host)\nbasicConstraints=CA:FALSE\n", to: "\(name).ext")
        try await openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(host)",
            "-keyout", certificate.keyFile, "-out", request)
        try await openssl(
            "x509", "-req", "-in", request, "-CA", authority.file, "-CAkey", authority.keyFile, "-CAcreateserial",
            "-days", "\(days)", "-extfile", extensions, "-out", certificate.file)
        return certificate
    }

    private func openssl(_ arguments: String...) async throws {
        try await Tool.run("openssl", arguments, in: folder.path)
    }
}
