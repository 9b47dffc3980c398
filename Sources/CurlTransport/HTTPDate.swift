import CCurl

/// Dates as HTTP writes them.
package enum HTTPDate {
    /// The moment that `text` names, such as `Sun, 06 Nov 1994 08:49:37 GMT`, in Unix seconds; nil when it is no date.
    package static func unixSeconds(_ text: String) -> Int? {
        let seconds = curl_getdate(text, nil)
        return seconds < 0 ? nil : seconds
    }
}
