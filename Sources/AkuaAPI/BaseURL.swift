import Foundation

/// Where the platform's API begins, such as `https://api.akua.dev/v1`.
package struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a base URL, as the end of a sentence.
    package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Without a slash at the end.
    package let text: String
    /// Whether requests go out unencrypted.
    package let isPlain: Bool
    /// Whom requests go to, for traces.
    let host: String
    let port: Int

    /// Checks `text`: an absolute `https` URL without user, query and fragment.
    ///
    /// `http` is taken for this machine (`localhost`, `127.0.0.0/8`, `::1`), and for others only if `allowsPlainHTTP`:
    /// the token would cross the network in the clear.
    package init(_ text: String, allowsPlainHTTP: Bool = false) throws(Problem) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw Problem(description: "is not an absolute URL")
        }
        switch parts.scheme?.lowercased() {
        case "https": isPlain = false
        case "http" where allowsPlainHTTP || Self.isLoopback(host): isPlain = true
        case "http": throw Problem(description: "must begin with https://, since it carries a token")
        default: throw Problem(description: "must begin with https://")
        }
        guard parts.user == nil, parts.password == nil else { throw Problem(description: "must not hold credentials") }
        guard parts.query == nil, parts.fragment == nil else {
            throw Problem(description: "must have no query and no fragment")
        }
        self.host = host
        port = parts.port ?? (isPlain ? 80 : 443)
        self.text = String(text.reversed().drop { $0 == "/" }.reversed())
    }

    package var description: String { text }

    private static func isLoopback(_ host: String) -> Bool {
        let isDotted = host.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        return host == "localhost" || host == "::1" || host == "[::1]" || (isDotted && host.hasPrefix("127."))
    }
}
