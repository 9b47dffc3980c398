import Bootstrap
import Manifests
import Testing

@Suite struct SourceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The items of `sources`, in flow style, from column 11.
        var sources: String
        var problems: [String]
    }

    private static let names = "name must be 1 to 63 lower-case letters, digits and inner hyphens, not"

    @Test(arguments: [
        Case(testDescription: "without a name", sources: "{url: /a}", problems: ["1:11: the source needs name"]),
        Case(testDescription: "without a url", sources: "{name: a}", problems: ["1:11: the source needs url"]),
        Case(
            testDescription: "that is no mapping", sources: "a",
            problems: ["1:11: the source must be a mapping, not text"]),
        Case(testDescription: "with capitals", sources: "{name: Prod, url: /a}", problems: ["1:18: \(names) 'Prod'"]),
        Case(
            testDescription: "with a hyphen at its end", sources: "{name: a-, url: /a}",
            problems: ["1:18: \(names) 'a-'"]),
        Case(
            testDescription: "with a name of 64", sources: "{name: \(String(repeating: "a", count: 64)), url: /a}",
            problems: ["1:18: \(names) '\(String(repeating: "a", count: 64))'"]),
        Case(
            testDescription: "named as another", sources: "{name: a, url: /a}, {name: a, url: /b}",
            problems: ["1:31: the name 'a' belongs to the source at /etc/c.yaml:1:11 already"]),
        Case(
            testDescription: "named as another once was",
            sources: "{name: a, formerNames: [b], url: /a}, {name: b, url: /b}",
            problems: ["1:49: the name 'b' belongs to the source at /etc/c.yaml:1:11 already"]),
        Case(
            testDescription: "named as it is", sources: "{name: a, formerNames: [a], url: /a}",
            problems: ["1:11: the name 'a' is given twice to this source"]),
        Case(
            testDescription: "with a former name that is none", sources: "{name: a, formerNames: [B, [c]], url: /a}",
            problems: [
                "1:35: formerNames must be 1 to 63 lower-case letters, digits and inner hyphens, not 'B'",
                "1:38: formerNames must be a single value, not a list",
            ]),
        Case(
            testDescription: "with an unknown key", sources: "{name: a, url: /a, brnch: x, pth: y}",
            problems: [
                "1:30: unknown key 'brnch' in the source",
                "1:40: unknown key 'pth' in the source; did you mean 'path'?",
            ]),
        Case(
            testDescription: "with what comes later",
            sources: "{name: a, url: 'https://x/y', ref: {tag: v1, semver: '>=1', commit: abc}, verify: {mode: head}, "
                + "webhookSecretFile: /s, auth: {sshKeyFile: /k, knownHostsFile: /h}}",
            problems: [
                "1:85: verify in the source is not supported by this version",
                "1:107: webhookSecretFile in the source is not supported by this version",
                "1:47: tag in ref is not supported by this version",
                "1:56: semver in ref is not supported by this version",
                "1:71: commit in ref is not supported by this version",
                "1:137: sshKeyFile in auth is not supported by this version",
                "1:153: knownHostsFile in auth is not supported by this version",
            ]),
        Case(
            testDescription: "over ssh", sources: "{name: a, url: 'ssh://git@x/y'}, {name: b, url: 'git@x:y'}",
            problems: [
                "1:26: url begins with ssh://, which is not supported by this version",
                "1:59: url is ssh's short form, which is not supported by this version; use https",
            ]),
        Case(
            testDescription: "over a scheme of no use", sources: "{name: a, url: 'git://x/y'}",
            problems: ["1:26: url must begin with https:// or http:// or file://, not 'git://x/y'"]),
        Case(
            testDescription: "over http to another machine", sources: "{name: a, url: 'http://x/y'}",
            problems: [
                "1:26: url would send secrets unencrypted to 'x'; use https; http is for this machine alone"
            ]),
        Case(
            testDescription: "I11: with a password in the url", sources: "{name: a, url: 'https://u:canary@x/y'}",
            problems: ["1:26: url must not hold a user name or a password; give them in files of their own"]),
        Case(
            testDescription: "with a word for a url",
            sources: "{name: a, url: platform}, {name: b, url: 'file://host/x'}",
            problems: [
                "1:26: url must be a URL or a path that begins with / or ./, not 'platform'",
                "1:52: url must have the form file:///absolute/path, not 'file://host/x'",
            ]),
        Case(
            testDescription: "with a branch that git would refuse",
            sources: "{name: a, url: /a, ref: {branch: 'a..b'}}, {name: b, url: /b, ref: {branch: refs/heads/x}}",
            problems: [
                "1:44: ref.branch is not a name that git allows: 'a..b'",
                "1:87: ref.branch must be a branch's short name, not 'refs/heads/x'",
            ]),
        Case(
            testDescription: "with a path that leads out",
            sources: "{name: a, url: /a, path: x/../../y}, {name: b, url: /b, path: /x}",
            problems: [
                "1:36: path must be a folder inside the repository, without '..', not 'x/../../y'",
                "1:73: path must be a folder inside the repository, without '..', not '/x'",
            ]),
        Case(
            testDescription: "polled too often, or without a unit",
            sources: "{name: a, url: /a, pollInterval: 10ms}, {name: b, url: /b, pollInterval: 30}",
            problems: [
                "1:44: pollInterval is 10ms; 1s to 24h are allowed",
                "1:84: pollInterval must be a length of time such as 30s, 5m or 1h30m, not '30'",
            ]),
        Case(
            testDescription: "with a user name alone",
            sources: "{name: a, url: 'https://x/y', auth: {usernameFile: /u}}",
            problems: ["1:48: auth needs passwordFile; for a token without a user name it is enough"]),
        Case(
            testDescription: "with a password for a folder", sources: "{name: a, url: /x, auth: {passwordFile: /u}}",
            problems: ["1:37: auth has no use for a repository on this machine; remove it"]),
    ])
    func `a source is refused`(_ row: Case) {
        #expect(configuration("sources: [\(row.sources)]").problems == row.problems.map { "/etc/c.yaml:\($0)" })
    }

    @Test(arguments: [
        ("https://git.example.com/acme/platform.git", "https://git.example.com/acme/platform.git"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"), ("file:///srv/x.git", "file:///srv/x.git"),
        ("/srv/x.git/", "/srv/x.git"), ("./x", "/etc/x"), ("../srv/x", "/srv/x"),
    ])
    func `a source is taken from`(_ url: String, _ expected: String) throws {
        let loaded = try configuration("sources: [{name: a, url: '\(url)'}]").get()
        #expect(loaded.sources.map(\.url) == [expected])
    }

    @Test func `a source has defaults, and what the api section says`() throws {
        let loaded = try configuration(
            """
            api: {workspace: ws_all, tokenFile: /all}
            sources:
              - {name: a, url: /a, path: ./x//y/, verify: , auth: {}}
              - {name: b, url: /b, api: {workspace: ws_b}}
              - {name: c, url: /c, api: {tokenFile: '${CREDENTIALS_DIRECTORY}/c'}}
            """, ["CREDENTIALS_DIRECTORY": "/run/c"]
        ).get()
        #expect(loaded.sources.map(\.branch) == ["main", "main", "main"])
        #expect(loaded.sources.map(\.path) == ["x/y", "", ""])
        #expect(loaded.sources.map(\.pollInterval) == [.seconds(30), .seconds(30), .seconds(30)])
        #expect(loaded.sources.map(\.workspace) == ["ws_all", "ws_b", "ws_all"])
        #expect(loaded.sources.map(\.token.description) == ["/all", "/all", "/run/c/c"])
        #expect(loaded.sources.map(\.location.line) == [3, 4, 5])
        #expect(loaded.sources.allSatisfy { $0.credentials == nil })
    }
}
