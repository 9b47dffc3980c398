import CCurl

/// A call of libcurl that returned an error.
struct CurlError: Error, Equatable, Sendable {
    /// The function or option that failed.
    var call: String
    /// A `CURLcode`, or a `CURLMcode` for calls on the multi handle.
    var code: Int
    var message: String

    /// Throws when an easy call did not return `CURLE_OK`.
    static func check(_ call: @autoclosure () -> String, _ result: CURLcode) throws(CurlError) {
        guard result != CURLE_OK else { return }
        throw CurlError(
            call: call(), code: Int(result.rawValue), message: String(cString: curl_easy_strerror(result)))
    }

    /// Throws when a multi call did not return `CURLM_OK`.
    static func check(_ call: @autoclosure () -> String, _ result: CURLMcode) throws(CurlError) {
        guard result != CURLM_OK else { return }
        throw CurlError(
            call: call(), code: Int(result.rawValue), message: String(cString: curl_multi_strerror(result)))
    }
}

/// libcurl as a whole, readied once for the process.
enum Curl {
    /// The outcome of the one initialisation.
    static let initialised: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
}
