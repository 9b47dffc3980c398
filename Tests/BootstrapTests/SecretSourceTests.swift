import Bootstrap
import Foundation
import Testing

@Suite struct SecretSourceTests {
    private func text(_ secret: SecretSource) throws -> String { String(decoding: try secret.read(), as: UTF8.self) }

    @Test(arguments: [0o400, 0o600, 0o700])
    func `a secret of its owner's is read, without the newline at its end`(_ mode: Int) throws {
        let folder = try TemporaryFolder()
        #expect(try text(.file(try folder.write("t", "canary-1\r\n", mode: mode))) == "canary-1")
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o777])
    func `S10: a file that its group or others can get at is refused`(_ mode: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t", "canary-1", mode: mode)
        let error = #expect(throws: SecretError.exposed(path: path, mode: mode)) { try SecretSource.file(path).read() }
        #expect(error?.description.contains("(mode 0\(String(mode, radix: 8))); chmod 600 it") == true)
    }

    @Test func `S10: what a link leads to is what has to be private`() throws {
        let folder = try TemporaryFolder()
        let (open, closed) = (try folder.write("open", "a", mode: 0o644), try folder.write("closed", "b"))
        for (link, target) in [("to-open", open), ("to-closed", closed)] {
            try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(link)", withDestinationPath: target)
        }
        #expect(throws: SecretError.self) { try SecretSource.file("\(folder.path)/to-open").read() }
        #expect(try text(.file("\(folder.path)/to-closed")) == "b")
    }

    @Test func `S10: a rotated secret is read without a restart`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t", "old")
        let secret = SecretSource.file(path)
        #expect(try text(secret) == "old")
        _ = try folder.write("t", "new")
        #expect(try text(secret) == "new")
    }

    @Test(arguments: ["", "\n", "a\nb", "a\u{0}", "\u{1B}[2J"])
    func `what is no secret is refused, and not repeated`(_ content: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t", content)
        let error = #expect(throws: SecretError.self) { try SecretSource.file(path).read() }
        #expect(error == (content.isEmpty || content == "\n" ? .empty(place: path) : .notOneLine(place: path)))
    }

    @Test func `what is no file, not there or too large is refused`() throws {
        let folder = try TemporaryFolder()
        let large = try folder.write("t", String(repeating: "x", count: SecretSource.bytesMax + 1))
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: SecretError.tooLong(place: large)) { try SecretSource.file(large).read() }
        #expect(throws: SecretError.notAFile(path: folder.path)) { try SecretSource.file(folder.path).read() }
        #expect(throws: SecretError.notAFile(path: pipe)) { try SecretSource.file(pipe).read() }
        #expect(throws: SecretError.missing(path: "/nonexistent/t")) { try SecretSource.file("/nonexistent/t").read() }
    }

    @Test func `every file that a configuration names is looked at, each problem told once`() throws {
        let folder = try TemporaryFolder()
        let (good, open) = (try folder.write("good", "a"), try folder.write("open", "b", mode: 0o644))
        let yaml = """
            api: {tokenFile: \(open), caFile: \(folder.path)/ca.pem}
            sources:
              - {name: a, url: 'https://x/a', auth: {passwordFile: \(good)}}
              - {name: b, url: 'https://x/b', auth: {usernameFile: \(good), passwordFile: /nonexistent/p}}
              - {name: c, url: /c, api: {tokenFile: \(good)}}
              - {name: d, url: /d, api: {tokenFile: '${CREDENTIALS_DIRECTORY}/d'}}
            """
        #expect(
            try configuration(yaml).get().checkFiles().map(\.description) == [
                "api.caFile: there is no file \(folder.path)/ca.pem that this user can read",
                "api.tokenFile: the file \(open) can be read by others than its owner (mode 0644); chmod 600 it, and "
                    + "replace the secret if they may have seen it",
                "auth.passwordFile of the source b: there is no file /nonexistent/p",
                "api.tokenFile of the source d: the variable CREDENTIALS_DIRECTORY is not set; systemd sets it for its "
                    + "services, elsewhere give the path itself",
            ])
        #expect(try configuration("api: {tokenFile: \(good)}").get().checkFiles() == [])
    }

    @Test func `without any token the error names both ways to give one`() throws {
        let errors = try configuration("").get().checkFiles().map(\.description)
        #expect(
            errors == [
                "api.tokenFile: the variable CREDENTIALS_DIRECTORY is not set; systemd sets it for its services, elsewhere "
                    + "give the path itself; the token can also come from AKUA_API_TOKEN"
            ])
    }
}
