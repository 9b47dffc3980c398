import CCurl

/// One libcurl easy handle, freed with this value; lives on the curl thread only.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init() throws(CurlError) {
        guard let pointer = curl_easy_init() else {
            throw CurlError(call: "curl_easy_init", code: Int(CURLE_FAILED_INIT.rawValue), message: "no handle")
        }
        self.pointer = pointer
    }

    deinit { curl_easy_cleanup(pointer) }

    /// Forgets all options; connections, names and TLS sessions belong to the multi handle and stay.
    func reset() { curl_easy_reset(pointer) }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(CurlError) { try set(option, value ? 1 : 0) }

    func set(_ option: CURLoption, _ duration: Duration) throws(CurlError) {
        try set(option, max(1, duration.milliseconds))
    }

    func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, offset value: Int) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_offset(pointer, option, curl_off_t(value)))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_pointer(pointer, option, value))
    }

    func set(_ option: CURLoption, callback: @escaping ccurl_data_callback) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_data_callback(pointer, option, callback))
    }

    /// Has libcurl ask `callback` before each time that it sends the request.
    func setPrerequest(_ callback: @escaping curl_prereq_callback) throws(CurlError) {
        try CurlError.check("option CURLOPT_PREREQFUNCTION", ccurl_set_prereq_callback(pointer, callback))
    }

    func set(_ option: CURLoption, _ list: borrowing HeaderList) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_set_list(pointer, option, list.pointer))
    }

    /// Hands libcurl a copy of `body` to send.
    func setBody(_ body: [UInt8]) throws(CurlError) {
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
        // Without any pointer libcurl would read the body from standard input.
        guard !body.isEmpty else { return try set(CURLOPT_COPYPOSTFIELDS, "") }
        let result = body.withUnsafeBytes { bytes in
            ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        try CurlError.check("option CURLOPT_COPYPOSTFIELDS", result)
    }

    /// A number that libcurl keeps of the transfer; 0 where it has none.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
    }

    /// A time that libcurl keeps of the transfer, in microseconds from its start; 0 for what was not reached.
    func microseconds(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return ccurl_get_offset(pointer, info, &value) == CURLE_OK ? Int(value) : 0
    }
}

/// One libcurl multi handle, freed with this value, after all easy handles have left it.
struct MultiHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    /// Whether another thread can end a ``poll(timeout:)``: libcurl goes on without, when it was short of descriptors.
    let canBeWoken: Bool

    init() throws(CurlError) {
        try CurlError.check("curl_global_init", Curl.initialised)
        guard let pointer = curl_multi_init() else {
            throw CurlError(call: "curl_multi_init", code: Int(CURLM_OUT_OF_MEMORY.rawValue), message: "no handle")
        }
        self.pointer = pointer
        // Costs no more than the first poll, which returns at once.
        canBeWoken = curl_multi_wakeup(pointer) == CURLM_OK
    }

    deinit { curl_multi_cleanup(pointer) }

    func set(_ option: CURLMoption, _ value: Int) throws(CurlError) {
        try CurlError.check("option \(option.rawValue)", ccurl_multi_set_long(pointer, option, value))
    }

    func add(_ easy: borrowing EasyHandle) throws(CurlError) {
        try CurlError.check("curl_multi_add_handle", curl_multi_add_handle(pointer, easy.pointer))
    }

    func remove(_ easy: borrowing EasyHandle) throws(CurlError) {
        try CurlError.check("curl_multi_remove_handle", curl_multi_remove_handle(pointer, easy.pointer))
    }

    /// Reads, writes and computes whatever can be done now.
    func perform() throws(CurlError) {
        var running: Int32 = 0
        try CurlError.check("curl_multi_perform", curl_multi_perform(pointer, &running))
    }

    /// Sleeps until there is something to do, for `timeout` at most.
    func poll(timeout: Duration) throws(CurlError) {
        let milliseconds = Int32(clamping: timeout.milliseconds)
        try CurlError.check("curl_multi_poll", curl_multi_poll(pointer, nil, 0, milliseconds, nil))
    }

    /// The next transfer that has ended, by its easy handle, with its result.
    func nextEnded() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, ccurl_message_result(message))
        }
        return nil
    }
}

/// The header lines of one request, in libcurl's form; freed with this value.
struct HeaderList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<curl_slist>?

    init() { pointer = nil }

    deinit { curl_slist_free_all(pointer) }

    mutating func append(_ line: String) throws(CurlError) {
        guard let longer = curl_slist_append(pointer, line) else {
            throw CurlError(call: "curl_slist_append", code: Int(CURLE_OUT_OF_MEMORY.rawValue), message: "no memory")
        }
        pointer = longer
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that nothing is given up before its time.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
        return overflow ? Int.max : product + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
