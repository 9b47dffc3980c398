import Manifests

/// Every scalar setting outside `sources`: the one table that the file, the environment, the flags, the help and the
/// sample file follow from.
package enum Keys {
    package static let apiBaseURL = Key(
        "api.baseURL", default: "https://api.akua.dev/v1", "Where the platform's API begins.", Rules.apiURL)
    package static let apiTokenFile = Key(
        "api.tokenFile", default: "${CREDENTIALS_DIRECTORY}/akua-token",
        "The file with the token, for its owner's eyes only; AKUA_API_TOKEN holds the token itself.",
        Rules.secretFile)
    package static let apiWorkspace = Key(
        "api.workspace", default: nil, "The ws_ id of the workspace, for tokens that see several.",
        Rules.workspace)
    package static let apiCAFile = Key(
        "api.caFile", default: nil, "The only certificates to trust, as PEM, instead of the system's.",
        Rules.path)
    package static let apiMaxConcurrency = Key(
        "api.maxConcurrency", default: "16", "Requests in flight at most; what is used adapts to the platform.",
        Rules.whole(1...256))
    package static let stateDirectory = Key(
        "stateDirectory", default: "/var/lib/akua-gitops",
        "The journal and the mirrors of the sources; $STATE_DIRECTORY under systemd.", isFixed: true, Rules.path)
    package static let serverListen = Key(
        "server.listen", default: "127.0.0.1:9178", "Where health, metrics and status are served.", isFixed: true,
        Rules.listenAddress)
    package static let logFormat = Key(
        "log.format", default: "auto",
        "json, text, journald, or auto: journald where the journal reads along, else json.", isFixed: true,
        Rules.word(Configuration.Log.Format.self))
    package static let logLevel = Key(
        "log.level", default: "info", "trace, debug, info, notice, warning, error or critical.",
        Rules.word(Configuration.Log.Level.self))
    package static let otlpEndpoint = Key(
        "telemetry.otlpEndpoint", default: nil, "Where traces are sent, over OTLP/HTTP; nowhere if left out.",
        Rules.apiURL)

    /// All of them, in the order of the sample file.
    package static let all: [KeyDescription] = [
        apiBaseURL.description, apiTokenFile.description, apiWorkspace.description, apiCAFile.description,
        apiMaxConcurrency.description, stateDirectory.description, serverListen.description, logFormat.description,
        logLevel.description, otlpEndpoint.description,
    ]

    /// The token itself; of all secrets the only one that the environment may hold.
    package static let tokenVariable = "AKUA_API_TOKEN"
    /// OpenTelemetry's own variable for ``otlpEndpoint``, which every other layer goes before.
    package static let otlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"
}

extension Configuration {
    /// The settings that a reload can't change (``Key/isFixed``) and are not as in `other`.
    package func fixedKeys(unlike other: Configuration) -> [String] {
        [
            (stateDirectory == other.stateDirectory, Keys.stateDirectory.description),
            (server.listen == other.server.listen, Keys.serverListen.description),
            (log.format == other.log.format, Keys.logFormat.description),
        ].filter { !$0.0 && $0.1.isFixed }.map(\.1.name.path)
    }
}
