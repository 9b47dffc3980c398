import AkuaModel
import CurlTransport
import JSON

/// One call with everything that all its attempts have in common.
struct Call: Sendable {
    var endpoint: Endpoint
    var body: [UInt8]?
    var idempotencyKey: String?
    var ifMatch: ETag?
    /// Whether a second attempt does no harm: reads, and writes under a key.
    let isRepeatable: Bool
    /// Whether the call changes anything.
    let isWrite: Bool
    var lane = Gate.Lane.work
    /// How long one attempt may take, until the answer begins and as a whole.
    var firstByte: Duration
    var timeout: Duration
    /// What is read of one answer.
    var limits = Call.usualLimits

    static let usualLimits = JSONReader.Limits(bytesMax: 16 << 20)

    /// For pages of package versions, each of which carries a whole schema of a few hundred kilobytes.
    static let schemaLimits = JSONReader.Limits(bytesMax: 64 << 20, valuesMax: 4 << 20)

    /// A read.
    init(_ endpoint: Endpoint, _ timeouts: AkuaClient.Timeouts, _ limits: JSONReader.Limits = Call.usualLimits) {
        self.endpoint = endpoint
        self.limits = limits
        isRepeatable = true
        isWrite = false
        timeout = timeouts.request
        firstByte = timeouts.firstByte
    }

    /// A long poll of `seconds`.
    init(waitingFor id: OperationID, seconds: Int, _ timeouts: AkuaClient.Timeouts) {
        endpoint = Endpoint.waitForOperation(id).with("timeout", String(seconds))
        isRepeatable = true
        isWrite = false
        lane = .longPoll
        timeout = .seconds(seconds) + timeouts.longPollGrace
        firstByte = timeout
    }

    init(_ write: Write, _ timeouts: AkuaClient.Timeouts) {
        endpoint = Endpoint(write.call)
        body = write.body
        idempotencyKey = write.idempotencyKey
        ifMatch = write.ifMatch
        isRepeatable = write.idempotencyKey != nil
        isWrite = true
        switch write.call {
        case .importPackage, .createPackageVersion:
            timeout = timeouts.artifact
            firstByte = timeouts.artifact
        case .createPackage, .deletePackage, .createCluster, .updateCluster, .deleteCluster, .createInstall,
            .updateInstall, .setAutomaticUpdates, .createRender, .deleteInstall:
            timeout = timeouts.request
            firstByte = timeouts.firstByte
        }
    }

    /// This call for the page of a list that begins at `cursor`.
    func page(from cursor: String) -> Call {
        var copy = self
        copy.endpoint = endpoint.with("cursor", cursor)
        return copy
    }

    /// The request of one attempt.
    func request(_ configuration: AkuaClient.Configuration, _ options: AkuaClient.Options, _ token: Secret)
        -> HTTPRequest
    {
        var headers = HTTPHeaders()
        headers.append("Authorization", "Bearer \(token.reveal())")
        headers.append("Accept", "application/json")
        headers.append("User-Agent", "akua-gitops/\(configuration.version)")
        if let workspace = configuration.workspace { headers.append("Akua-Context", workspace) }
        if let requestID = options.requestID { headers.append("X-Request-Id", requestID) }
        if let idempotencyKey { headers.append("Idempotency-Key", idempotencyKey) }
        if let ifMatch { headers.append("If-Match", ifMatch.text) }
        if body != nil { headers.append("Content-Type", "application/json") }
        return HTTPRequest(
            endpoint.method, configuration.baseURL.text + endpoint.target, headers: headers, body: body,
            deadlines: HTTPRequest.Deadlines(
                connect: options.timeouts.connect, firstByte: min(firstByte, timeout), total: timeout),
            answerBytesMax: limits.bytesMax, isRepeatable: isRepeatable)
    }
}
