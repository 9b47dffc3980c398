import Bootstrap
import Testing

@Suite struct KeyTests {
    @Test func `every key has the names that follow from its path`() {
        let names = Keys.all.map { [$0.name.path, $0.name.environment, $0.name.flag] }
        #expect(
            names == [
                ["api.baseURL", "AKUA_GITOPS_API_BASE_URL", "api-base-url"],
                ["api.tokenFile", "AKUA_GITOPS_API_TOKEN_FILE", "api-token-file"],
                ["api.workspace", "AKUA_GITOPS_API_WORKSPACE", "api-workspace"],
                ["api.caFile", "AKUA_GITOPS_API_CA_FILE", "api-ca-file"],
                ["api.maxConcurrency", "AKUA_GITOPS_API_MAX_CONCURRENCY", "api-max-concurrency"],
                ["stateDirectory", "AKUA_GITOPS_STATE_DIRECTORY", "state-directory"],
                ["server.listen", "AKUA_GITOPS_SERVER_LISTEN", "server-listen"],
                ["log.format", "AKUA_GITOPS_LOG_FORMAT", "log-format"],
                ["log.level", "AKUA_GITOPS_LOG_LEVEL", "log-level"],
                ["telemetry.otlpEndpoint", "AKUA_GITOPS_TELEMETRY_OTLP_ENDPOINT", "telemetry-otlp-endpoint"],
            ])
    }

    @Test func `every key explains itself in one sentence`() {
        #expect(Keys.all.allSatisfy { $0.summary.hasSuffix(".") && $0.summary.count < 110 })
    }

    /// A key with three values that can be told apart, and what a configuration shows of them.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { path }
        var path: String
        var file: String
        var environment: String
        var flag: String
        var invalid: String
        var shown: @Sendable (Configuration) -> String
        var fallback: String
    }

    static let cases = [
        Case(
            path: "api.baseURL", file: "https://f.example/v1/", environment: "https://e.example",
            flag: "http://[::1]:9",
            invalid: "ftp://x", shown: \.api.baseURL, fallback: "https://api.akua.dev/v1"),
        Case(
            path: "api.tokenFile", file: "/f", environment: "/e", flag: "/g", invalid: "relative",
            shown: \.api.token.description, fallback: "${CREDENTIALS_DIRECTORY}"),
        Case(
            path: "api.workspace", file: "ws_f", environment: "ws_e", flag: "ws_g", invalid: "prod",
            shown: { $0.api.workspace ?? "none" }, fallback: "none"),
        Case(
            path: "api.caFile", file: "/f.pem", environment: "/e.pem", flag: "/g.pem", invalid: "ca.pem",
            shown: { $0.api.caFile ?? "none" }, fallback: "none"),
        Case(
            path: "api.maxConcurrency", file: "1", environment: "17", flag: "256", invalid: "257",
            shown: { String($0.api.maxConcurrency) }, fallback: "16"),
        Case(
            path: "stateDirectory", file: "/f", environment: "/e", flag: "/g", invalid: "state",
            shown: \.stateDirectory, fallback: "/var/lib/akua-gitops"),
        Case(
            path: "server.listen", file: "'0.0.0.0:1'", environment: "localhost:0", flag: "[::1]:65535",
            invalid: "::1:80", shown: \.server.listen.description, fallback: "127.0.0.1:9178"),
        Case(
            path: "log.format", file: "text", environment: "journald", flag: "json", invalid: "xml",
            shown: \.log.format.rawValue, fallback: "auto"),
        Case(
            path: "log.level", file: "trace", environment: "critical", flag: "warning", invalid: "warn",
            shown: \.log.level.rawValue, fallback: "info"),
        Case(
            path: "telemetry.otlpEndpoint", file: "https://f.example", environment: "https://e.example:4318",
            flag: "http://127.0.0.1:4318", invalid: "http://collector.example:4318",
            shown: { $0.telemetry.otlpEndpoint ?? "none" }, fallback: "none"),
    ]

    private func yaml(_ path: String, _ value: String) -> String {
        let parts = path.split(separator: ".")
        return parts.count == 1 ? "\(parts[0]): \(value)" : "\(parts[0]):\n  \(parts[1]): \(value)"
    }

    @Test func `every key is in the table of layers`() {
        #expect(Self.cases.map(\.path) == Keys.all.map(\.name.path))
    }

    @Test(arguments: cases)
    func `a flag goes before a variable, a variable before the file, the file before the default`(_ row: Case) throws {
        let name = try #require(Keys.all.first { $0.name.path == row.path }).name
        let unquote = { (text: String) in text.replacing("'", with: "") }
        let normal = { (text: String) in
            row.path == "api.baseURL" && text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        func shown(_ file: Bool, _ environment: Bool, _ flag: Bool) throws -> String {
            row.shown(
                try configuration(
                    file ? yaml(row.path, row.file) : "", environment ? [name.environment: row.environment] : [:],
                    flag ? [row.path: row.flag] : [:]
                ).get())
        }
        #expect(try shown(false, false, false) == row.fallback)
        for layers in 1..<8 {
            let (file, environment, flag) = (layers & 1 != 0, layers & 2 != 0, layers & 4 != 0)
            let expected = flag ? row.flag : environment ? row.environment : unquote(normal(row.file))
            #expect(try shown(file, environment, flag) == expected)
        }
    }

    @Test(arguments: cases)
    func `what is wrong in a layer is an error of that layer, even where a higher one is right`(_ row: Case) throws {
        let name = try #require(Keys.all.first { $0.name.path == row.path }).name
        let inFile = configuration(
            yaml(row.path, "'\(row.invalid)'"), [name.environment: row.environment], [row.path: row.flag])
        let inVariable = configuration("", [name.environment: row.invalid], [row.path: row.flag])
        let inFlag = configuration("", [name.environment: row.environment], [row.path: row.invalid])
        let column = row.path.contains(".") ? "/etc/c.yaml:2:" : "/etc/c.yaml:1:"
        #expect(inFile.problems.count == 1 && inFile.problems[0].hasPrefix(column))
        #expect(inFile.problems[0].contains(": \(row.path) "))
        #expect(inVariable.problems.count == 1 && inVariable.problems[0].hasPrefix("\(name.environment): "))
        #expect(inFlag.problems.count == 1 && inFlag.problems[0].hasPrefix("--\(name.flag): "))
    }

    @Test(arguments: cases)
    func `an empty variable, and a key with nothing behind it, say nothing`(_ row: Case) throws {
        let name = try #require(Keys.all.first { $0.name.path == row.path }).name
        let loaded = try configuration(yaml(row.path, "~"), [name.environment: ""]).get()
        #expect(row.shown(loaded) == row.fallback)
    }

    @Test(arguments: cases)
    func `a reload refuses what it can't change, and nothing else`(_ row: Case) throws {
        let isFixed = try #require(Keys.all.first { $0.name.path == row.path }).isFixed
        let (one, other) = (
            try configuration("", [:], [row.path: row.flag]).get(),
            try configuration(yaml(row.path, row.file)).get()
        )
        #expect(other.fixedKeys(unlike: one) == (isFixed ? [row.path] : []))
        #expect(one.fixedKeys(unlike: one) == [])
    }

    @Test func `OpenTelemetry's own variable names the collector where none of ours does`() throws {
        let theirs = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318/"]
        #expect(try configuration("", theirs).get().telemetry.otlpEndpoint == "http://localhost:4318")
        let ours = try configuration("telemetry: {otlpEndpoint: 'https://f.example'}", theirs).get()
        #expect(ours.telemetry.otlpEndpoint == "https://f.example")
        let wrong = configuration("", ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318"])
        #expect(wrong.problems.count == 1 && wrong.problems[0].hasPrefix("OTEL_EXPORTER_OTLP_ENDPOINT: "))
    }
}
