/// How an emulator is to be started.
package struct EmulatorOptions: Sendable {
    /// A certificate chain and its key, as PEM files.
    package struct TLS: Sendable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// A workspace that is there from the start.
    package struct InitialWorkspace: Sendable {
        package var id: String
        package var name: String
        /// The regions that it defines from the start, by name.
        package var regions: [String]

        package init(id: String, name: String, regions: [String] = []) {
            self.id = id
            self.name = name
            self.regions = regions
        }
    }

    package var host = "127.0.0.1"
    /// 0 for any free port.
    package var port = 0
    /// With it the server speaks HTTP/2 as well, as the client prefers.
    package var tls: TLS?
    /// Where the state is kept; nil for memory.
    package var stateFile: String?
    /// How much faster than real time operations go.
    package var timeScale = 1.0
    /// Time moves by the control API alone.
    package var isTimeManual = false
    /// Where the emulator's time starts, in milliseconds since 1970; nil for now.
    package var startTime: Int?
    package var timing = Timing()
    package var switches = Switches()
    /// Ids, commits and chances depend on it alone.
    package var seed: UInt64 = 1
    package var tokens = [AccessToken(value: Self.defaultToken, reach: .workspace(Self.defaultWorkspace))]
    package var workspaces = [InitialWorkspace(id: Self.defaultWorkspace, name: "Local")]
    /// How many requests the log keeps.
    package var requestsKept = 20_000
    /// Sees every exchange of the API once it is over.
    package var observer: (@Sendable (Exchange) -> Void)?

    package static let defaultToken = "sk_akua_local"
    package static let defaultWorkspace = "ws_local"

    package init() {}
}

/// One request with its answer, as they went over the wire.
package struct Exchange: Sendable {
    package var method: String
    /// As sent, escapes included.
    package var path: String
    package var query: String?
    /// In the order sent, with lower-case names.
    package var requestHeaders: [(name: String, value: String)]
    package var requestBody: [UInt8]
    package var status: Int
    package var contentType: String?
    package var responseBody: [UInt8]
    /// The call's name in the OpenAPI document; nil when the path names none.
    package var call: String?
    /// Whether a fault had its hands in it.
    package var isFaulty: Bool

    package init(
        method: String, path: String, query: String?, requestHeaders: [(name: String, value: String)],
        requestBody: [UInt8], status: Int, contentType: String?, responseBody: [UInt8], call: String?, isFaulty: Bool
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.requestHeaders = requestHeaders
        self.requestBody = requestBody
        self.status = status
        self.contentType = contentType
        self.responseBody = responseBody
        self.call = call
        self.isFaulty = isFaulty
    }
}
