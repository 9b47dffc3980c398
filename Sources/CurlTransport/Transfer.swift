import CCurl

/// One exchange on its way: an easy handle with its options, its deadlines and what has come in.
///
/// Lives on the curl thread only. When the exchange has ended the handle may serve another one.
final class Transfer {
    let easy: EasyHandle
    private var request: HTTPRequest
    private var headerList = HeaderList()
    private var answer: AnswerCollector
    private var startedAt: ContinuousClock.Instant
    private let errorText: UnsafeMutablePointer<CChar>
    /// How often libcurl has wanted to send the request.
    private var sendings = 0

    /// Bytes a second under which an answer that has begun is given up, judged over the time it may take to begin.
    private static let lowSpeed = 64

    init(_ request: HTTPRequest, startedAt: ContinuousClock.Instant) throws(CurlError) {
        easy = try EasyHandle()
        self.request = request
        self.startedAt = startedAt
        answer = AnswerCollector(bodyBytesMax: request.answerBytesMax)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit { errorText.deallocate() }

    /// Makes the handle of an ended exchange serve another one.
    func reuse(for request: HTTPRequest, startedAt: ContinuousClock.Instant) {
        easy.reset()
        self.request = request
        self.startedAt = startedAt
        headerList = HeaderList()
        answer = AnswerCollector(bodyBytesMax: request.answerBytesMax)
        errorText.pointee = 0
        sendings = 0
    }

    /// When the exchange ends if nothing more comes.
    var deadline: ContinuousClock.Instant {
        startedAt
            + (answer.hasBegun ? request.deadlines.total : min(request.deadlines.firstByte, request.deadlines.total))
    }

    /// Sets every option; what is not set here has libcurl's default.
    func configure(_ configuration: TransportConfiguration, _ sharing: Sharing) throws(CurlError) {
        try configureRequest()
        try configureConnection(configuration)
        try configureSharing(configuration, sharing)
        try configureTLS(configuration)
        try configureAnswer()
    }

    private func configureRequest() throws(CurlError) {
        try easy.set(CURLOPT_URL, request.url)
        try easy.set(CURLOPT_PATH_AS_IS, true)
        try easy.set(CURLOPT_FOLLOWLOCATION, false)
        try easy.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        if request.body != nil || request.method == .post {
            try easy.set(CURLOPT_POST, true)
            try easy.setBody(request.body ?? [])
        }
        try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        for field in request.headers.fields { try headerList.append("\(field.name): \(field.value)") }
        // A name without a value takes out what libcurl would add by itself.
        try headerList.append("Expect:")
        if request.headers["content-type"] == nil { try headerList.append("Content-Type:") }
        try easy.set(CURLOPT_HTTPHEADER, headerList)
        try configureSending()
    }

    /// Keeps libcurl from sending the request more than once.
    ///
    /// By itself it sends again, POST too and up to five times, what went out on a connection that ended before it
    /// answered, whether or not the request may be repeated. It asks before each time, and is told no.
    private func configureSending() throws(CurlError) {
        try easy.set(CURLOPT_PREREQDATA, pointer: Unmanaged.passUnretained(self).toOpaque())
        try easy.setPrerequest { context, _, _, _, _ in
            guard let context else { return CURL_PREREQFUNC_ABORT }
            // SAFETY: the loop keeps every transfer that libcurl knows alive, and calls libcurl on this thread only.
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            transfer.sendings += 1
            return transfer.sendings == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    private func configureConnection(_ configuration: TransportConfiguration) throws(CurlError) {
        let schemes = configuration.allowsPlainHTTP ? "https,http" : "https"
        try easy.set(CURLOPT_PROTOCOLS_STR, schemes)
        try easy.set(CURLOPT_REDIR_PROTOCOLS_STR, schemes)
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_NOPROXY, "*")
        try easy.set(CURLOPT_NOSIGNAL, true)
        // Otherwise giving up on a transfer would wait for the resolver's thread, and all others with it.
        try easy.set(CURLOPT_QUICK_EXIT, true)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.deadlines.connect)
        try easy.set(CURLOPT_TCP_KEEPALIVE, true)
        try easy.set(CURLOPT_TCP_KEEPIDLE, 30)
        try easy.set(CURLOPT_TCP_KEEPINTVL, 10)
        // New connections now and then, so that changed names and certificates are noticed.
        try easy.set(CURLOPT_MAXAGE_CONN, 60)
        try easy.set(CURLOPT_MAXLIFETIME_CONN, 600)
    }

    private func configureSharing(_ configuration: TransportConfiguration, _ sharing: Sharing) throws(CurlError) {
        switch sharing {
        case .shared:
            // Only a TLS handshake tells early whether a connection can be shared; without one, all would wait for the
            // first answer of the first exchange.
            try easy.set(CURLOPT_PIPEWAIT, request.url.prefix(6).lowercased() == "https:")
            let version = configuration.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
            try easy.set(CURLOPT_HTTP_VERSION, Int(version))
        case .alone:
            try easy.set(CURLOPT_FRESH_CONNECT, true)
            try easy.set(CURLOPT_FORBID_REUSE, true)
            try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
    }

    private func configureTLS(_ configuration: TransportConfiguration) throws(CurlError) {
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // No SHA-1 and no short keys, however weak the machine's own defaults are.
        try easy.set(CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=2")
        try easy.set(CURLOPT_SSL_VERIFYPEER, true)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caFile = configuration.caFile {
            try easy.set(CURLOPT_CAINFO, caFile)
            try easy.set(CURLOPT_CAPATH, pointer: nil)
        }
    }

    private func configureAnswer() throws(CurlError) {
        try easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: request.answerBytesMax)
        try easy.set(CURLOPT_LOW_SPEED_LIMIT, Self.lowSpeed)
        try easy.set(CURLOPT_LOW_SPEED_TIME, max(1, request.deadlines.firstByte.milliseconds / 1_000))
        try easy.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_HEADERDATA, pointer: context)
        try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.receive(bytes, size * count, context) { $0.takeHeader($1) }
        }
        try easy.set(CURLOPT_WRITEDATA, pointer: context)
        try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.receive(bytes, size * count, context) { $0.takeBody($1) }
        }
    }

    /// Hands bytes to the transfer that `context` points to; any other result than `count` ends the transfer.
    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        by take: (AnswerCollector, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard count > 0 else { return 0 }
        guard let bytes, let context else { return 0 }
        // SAFETY: the loop keeps every transfer that libcurl knows alive, and calls libcurl on this thread only.
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        return take(transfer.answer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    /// The answer, or what went wrong, once libcurl has ended the transfer.
    func outcome(_ result: CURLcode) -> Result<HTTPResponse, TransportError> {
        guard result != CURLE_OK else {
            // A connection that closes in the headers is a good end to libcurl.
            guard answer.hasAllHeaders else {
                var error = failure(.broken, answer.hasBegun ? "the headers are cut off" : "there is no answer")
                error.isEndOfSharedConnection = isEndOfSharedConnection(result)
                return .failure(error)
            }
            return .success(
                HTTPResponse(
                    status: easy.number(CURLINFO_RESPONSE_CODE), headers: answer.headers, body: answer.body,
                    majorVersion: easy.number(CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0) ? 2 : 1,
                    connectionsOpened: easy.number(CURLINFO_NUM_CONNECTS)))
        }
        if let bytesMax = answer.exceeded ?? (result == CURLE_FILESIZE_EXCEEDED ? request.answerBytesMax : nil) {
            return .failure(failure(.tooLarge(bytesMax: bytesMax), "the answer has more than \(bytesMax) bytes"))
        }
        var error = failure(reason(of: result), detail(of: result))
        error.code = Int(result.rawValue)
        error.isEndOfSharedConnection = isEndOfSharedConnection(result)
        // Often libcurl fails in the handshake before it has noted that the connection stands.
        if error.reason == .untrusted { error.phase = .handshake }
        return .failure(error)
    }

    private func detail(of result: CURLcode) -> String {
        guard result != CURLE_ABORTED_BY_CALLBACK else { return "the connection ended without an answer" }
        let text = String(cString: errorText)
        let clause = text.isEmpty ? String(cString: curl_easy_strerror(result)) : text
        guard result == CURLE_PEER_FAILED_VERIFICATION,
            Self.untimely.contains(easy.number(CURLINFO_SSL_VERIFYRESULT))
        else { return clause }
        // R14: more often the date of this machine is wrong than that of the certificate.
        return "\(clause); check this machine's clock, then the certificate"
    }

    /// OpenSSL's `X509_V_ERR_CERT_NOT_YET_VALID` and `X509_V_ERR_CERT_HAS_EXPIRED`.
    private static let untimely = [9, 10]

    /// Whether libcurl's result means that a connection which others use too has ended before any byte of the answer.
    private func isEndOfSharedConnection(_ result: CURLcode) -> Bool {
        guard !answer.hasBegun else { return false }
        return switch result {
        // It would have sent the request again: the connection was a used one, or the server refused the stream.
        case CURLE_ABORTED_BY_CALLBACK: true
        // What is said of a connection that a GOAWAY has left without streams, this one's not begun.
        case CURLE_HTTP2: true
        // A connection that was made for this exchange has its own reasons to end.
        case CURLE_OK, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            sendings > 0 && easy.number(CURLINFO_NUM_CONNECTS) == 0
        default: false
        }
    }

    /// An end that the transport itself makes: by a deadline, a cancellation, or its shutdown.
    func failure(_ reason: TransportError.Reason, _ detail: String) -> TransportError {
        TransportError(phase: phase, reason: reason, detail: detail, mayHaveReachedServer: hasSentAnything)
    }

    /// The end of an exchange whose ``deadline`` has passed.
    func lateness() -> TransportError {
        let limit =
            answer.hasBegun ? request.deadlines.total : min(request.deadlines.firstByte, request.deadlines.total)
        return failure(.deadline, "\(answer.hasBegun ? "no end" : "no answer") within \(limit)")
    }

    private var hasSentAnything: Bool { easy.number(CURLINFO_REQUEST_SIZE) > 0 }

    private var phase: TransportError.Phase {
        if answer.hasBegun { return .receive }
        if hasSentAnything { return .wait }
        if easy.microseconds(CURLINFO_PRETRANSFER_TIME_T) > 0 { return .send }
        if easy.microseconds(CURLINFO_CONNECT_TIME_T) > 0 { return .handshake }
        return easy.microseconds(CURLINFO_NAMELOOKUP_TIME_T) > 0 ? .connect : .resolve
    }

    private func reason(of result: CURLcode) -> TransportError.Reason {
        switch result {
        // The second is also libcurl's word for an answer that is no HTTP.
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: hasSentAnything ? .broken : .invalidRequest
        case CURLE_OPERATION_TIMEDOUT: .deadline
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CONNECT_ERROR:
            .untrusted
        default: .broken
        }
    }
}
