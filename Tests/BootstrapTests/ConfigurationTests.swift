import Bootstrap
import Foundation
import Testing

@Suite struct ConfigurationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var environment: [String: String] = [:]
        var flags: [String: String] = [:]
        var problems: [String]
    }

    private static let source = "sources: [{name: a, url: /srv/a.git"

    @Test(arguments: [
        Case(
            testDescription: "a misspelt key, with its place and the word that was meant", yaml: "api:\n  basURL: x",
            problems: ["/etc/c.yaml:2:3: unknown key 'basURL' in api; did you mean 'baseURL'?"]),
        Case(
            testDescription: "a misspelt section", yaml: "srver: {}",
            problems: ["/etc/c.yaml:1:1: unknown key 'srver' in the configuration; did you mean 'server'?"]),
        Case(
            testDescription: "a key like no other", yaml: "replicas: 3",
            problems: ["/etc/c.yaml:1:1: unknown key 'replicas' in the configuration"]),
        Case(
            testDescription: "a section that is none", yaml: "log: text",
            problems: ["/etc/c.yaml:1:6: log must be a mapping, not text"]),
        Case(
            testDescription: "a list where one value belongs", yaml: "stateDirectory: [/a, /b]",
            problems: ["/etc/c.yaml:1:17: stateDirectory must be a single value, not a list"]),
        Case(
            testDescription: "a key twice", yaml: "log: {level: info, level: debug}",
            problems: ["/etc/c.yaml:1:20: the key 'level' occurs twice in one mapping; it was first given at 1:7"]),
        Case(
            testDescription: "a file that is a list", yaml: "- a",
            problems: ["/etc/c.yaml:1:1: the configuration must be a mapping, not a list"]),
        Case(
            testDescription: "a word that is near another", yaml: "log: {level: warnin, format: jsn}",
            problems: [
                "/etc/c.yaml:1:30: log.format must be auto, json, text or journald, not 'jsn'; did you mean 'json'?",
                "/etc/c.yaml:1:14: log.level must be trace, debug, info, notice, warning, error or critical, "
                    + "not 'warnin'; did you mean 'warning'?",
            ]),
        Case(
            testDescription: "everything wrong is told at once, layer by layer",
            yaml: "api: {maxConcurrency: many}\nx: 1",
            environment: ["AKUA_GITOPS_LOG_LEVEL": "loud"], flags: ["server.listen": "9178"],
            problems: [
                "/etc/c.yaml:2:1: unknown key 'x' in the configuration",
                "/etc/c.yaml:1:23: api.maxConcurrency must be a whole number from 1 to 256, not 'many'",
                "--server-listen: must be an address and a port such as 127.0.0.1:9178 or [::1]:9178, not '9178'",
                "AKUA_GITOPS_LOG_LEVEL: must be trace, debug, info, notice, warning, error or critical, not 'loud'",
            ]),
        Case(
            testDescription: "a variable that is a slip away from one of ours", yaml: "",
            environment: ["AKUA_GITOPS_LOG_LEVLE": "debug", "AKUA_API_TOKENS": "x", "AKUA_GITOPS_UNRELATED": "x"],
            problems: [
                "AKUA_API_TOKENS: no setting is called that; did you mean 'AKUA_API_TOKEN'?",
                "AKUA_GITOPS_LOG_LEVLE: no setting is called that; did you mean 'AKUA_GITOPS_LOG_LEVEL'?",
            ]),
        Case(
            testDescription: "http across the network", yaml: "api: {baseURL: http://akua.example}",
            problems: [
                "/etc/c.yaml:1:16: api.baseURL would send secrets unencrypted to 'akua.example'; use https; http is for "
                    + "this machine alone"
            ]),
        Case(
            testDescription: "I11: credentials in a URL, which are not repeated",
            yaml: "api: {baseURL: 'https://me:canary@akua.example'}",
            problems: [
                "/etc/c.yaml:1:16: api.baseURL must not hold a user name or a password; give them in files of their own"
            ]),
        Case(
            testDescription: "a variable that a path can't have", yaml: "stateDirectory: ${STATE_DIRECTROY}/x",
            problems: [
                "/etc/c.yaml:1:17: stateDirectory names the variable 'STATE_DIRECTROY', which means nothing in a path "
                    + "here; did you mean 'STATE_DIRECTORY'?"
            ]),
        Case(
            testDescription: "a variable that is not set", yaml: "stateDirectory: ${STATE_DIRECTORY}/x",
            problems: [
                "/etc/c.yaml:1:17: stateDirectory needs the variable STATE_DIRECTORY, which is not set; systemd sets it "
                    + "for its services; elsewhere give the path itself"
            ]),
        Case(
            testDescription: "a variable without its end", yaml: "stateDirectory: '${STATE_DIRECTORY'",
            problems: ["/etc/c.yaml:1:17: stateDirectory has a ${ without its }"]),
        Case(
            testDescription: "the token and its file from the environment", yaml: "",
            environment: ["AKUA_API_TOKEN": "canary", "AKUA_GITOPS_API_TOKEN_FILE": "/t"],
            problems: ["AKUA_API_TOKEN: says the same as AKUA_GITOPS_API_TOKEN_FILE; set one of the two"]),
        Case(
            testDescription: "no YAML", yaml: "api: {",
            problems: ["/etc/c.yaml:2:1: did not find expected node content while parsing a flow node"]),
    ])
    func `a wrong configuration says`(_ row: Case) {
        #expect(configuration(row.yaml, row.environment, row.flags).problems == row.problems)
    }

    @Test func `an empty file is the defaults`() throws {
        let defaults = try configuration("").get()
        #expect(try configuration("# nothing\n").get() == defaults)
        #expect(defaults.sources.isEmpty)
    }

    @Test func `systemd's directories are used without being asked for`() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/private/a:/other", "CREDENTIALS_DIRECTORY": "/run/c"]
        let loaded = try configuration("", environment).get()
        #expect(loaded.stateDirectory == "/var/lib/private/a")
        #expect(loaded.api.token == .file("/run/c/akua-token"))
        #expect(try configuration("stateDirectory: /own", environment).get().stateDirectory == "/own")
        #expect(
            try configuration("stateDirectory: '${STATE_DIRECTORY}/b$'", environment).get().stateDirectory
                == "/var/lib/private/a/b$")
    }

    @Test(
        arguments: [
            ("", [:], "$AKUA_API_TOKEN"), ("api: {tokenFile: /f}", [:], "$AKUA_API_TOKEN"),
            ("api: {tokenFile: /f}", ["api.tokenFile": "/flag"], "/flag"),
        ] as [(String, [String: String], String)])
    func `a token in the environment goes before the file's, and after a flag's`(
        _ yaml: String, _ flags: [String: String], _ expected: String
    ) throws {
        let loaded = try configuration(yaml, ["AKUA_API_TOKEN": "canary-1"], flags).get()
        #expect(loaded.api.token.description == expected)
    }

    @Test func `I11: no secret shows, however the configuration is printed`() throws {
        let loaded = try configuration("\(Self.source)}]", ["AKUA_API_TOKEN": "canary-1"]).get()
        var dumped = ""
        dump(loaded, to: &dumped)
        #expect(!"\(loaded) \(String(reflecting: loaded)) \(dumped)".contains("canary"))
        #expect(String(decoding: try loaded.api.token.read(), as: UTF8.self) == "canary-1")
    }

    @Test func `a file that is not there is an error, unless nobody named it`() throws {
        let error = #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(file: "/nonexistent/c.yaml", environment: [:])
        }
        #expect(error?.description == "/nonexistent/c.yaml: there is no such file")
        let folder = try TemporaryFolder()
        let unreadable = #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(file: folder.path, environment: [:])
        }
        #expect(unreadable?.description == "\(folder.path): can't be read by this user")
        let path = try folder.write("c.yaml", "log: {level: debug}")
        #expect(try Configuration.load(file: path, environment: [:]).log.level == .debug)
    }

    @Test func `I12: a file of any size and depth is read within limits`() {
        let deep = String(repeating: "[", count: 10_000)
        let large = "log: {level: " + String(repeating: "x", count: 2 << 20) + "}"
        #expect(configuration("sources: \(deep)").problems.count == 1)
        #expect(configuration(large).problems.count == 1)
    }

    @Test func `the sample file has every key, each with its default and a comment`() throws {
        let path = repository.appending(path: "config/akua-gitops.yaml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try configuration(text).get() == (try configuration("").get()))
        for key in Keys.all {
            let last = key.name.path.split(separator: ".").last ?? ""
            let lines = text.split(separator: "\n").filter { $0.contains("\(last):") && !$0.hasPrefix("#") }
            #expect(lines.count == 1 && lines[0].contains(" # "), "\(key.name.path)")
            #expect(lines[0].contains("\(last): \(key.defaultText ?? " ")"), "\(key.name.path)")
        }
    }

    @Test func `the sample source is one, with every key that a source can have`() throws {
        let path = repository.appending(path: "config/akua-gitops.yaml").path
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let sample = lines.filter { $0.hasPrefix("#  ") }.map { $0.dropFirst() }
        let loaded = try configuration("sources:\n" + sample.joined(separator: "\n")).get()
        let source = try #require(loaded.sources.first)
        #expect(source.name == "platform" && source.branch == "main" && source.path == "clusters/prod")
        #expect(source.url == "https://git.example.com/acme/platform.git" && source.pollInterval == .seconds(30))
        #expect(source.credentials?.username == .file("/etc/akua-gitops/git-username"))
        #expect(source.credentials?.password == .file("/etc/akua-gitops/git-password"))
        #expect(source.workspace == "ws_other" && source.token == .file("/etc/akua-gitops/other-token"))
    }
}
