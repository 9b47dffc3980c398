import Foundation
import GitPlumbing

/// Where a source is fetched from, checked before anything is asked of it.
struct RemoteURL: Equatable, Sendable {
    /// As it is configured; holds no secret, for one that does is refused.
    let text: String
    let remote: FetchRequest.Remote

    init(_ text: String) throws(GitError) {
        func refuse(_ problem: String) -> GitError { .configuration(.badURL(text, problem: problem)) }

        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw refuse("it has a space or a control character")
        }
        self.text = text
        if text.hasPrefix("/") {
            remote = .path(text)
            return
        }
        guard let schemeEnd = text.range(of: "://") else {
            // scp's short form of ssh, `git@host:path`.
            throw text.contains(":")
                ? .configuration(.unsupportedURL(text, scheme: "ssh")) : refuse("a path must begin with a slash")
        }
        let scheme = text[..<schemeEnd.lowerBound].lowercased()
        guard let parts = URLComponents(string: text) else { throw refuse("it can't be taken apart") }
        guard parts.user == nil, parts.password == nil else {
            throw .configuration(
                .badURL(
                    String(text[..<schemeEnd.upperBound]) + "…",
                    problem: "it holds a user name or a password; give them by auth.usernameFile and auth.passwordFile")
            )
        }
        guard parts.query == nil, parts.fragment == nil else { throw refuse("it has a query or a fragment") }
        let host = parts.host ?? ""
        switch scheme {
        case "file":
            guard host.isEmpty || host == "localhost" else { throw refuse("a file URL names no other host") }
            guard parts.path.hasPrefix("/") else { throw refuse("it has no path") }
            remote = .path(parts.path)
        case "https":
            guard !host.isEmpty else { throw refuse("it has no host") }
            remote = .url(text)
        case "http":
            guard Self.isLoopback(host) else {
                throw refuse("http is open to everyone on the way and only allowed on a loopback host; use https")
            }
            remote = .url(text)
        default: throw .configuration(.unsupportedURL(text, scheme: scheme))
        }
    }

    /// `localhost`, `127.0.0.0/8` and `::1`, by their text alone.
    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
