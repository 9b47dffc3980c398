import Foundation
import GitPlumbing

/// Where a source is fetched from, checked before anything is asked of it.
struct RemoteURL: Equatable, Sendable {
    /// As it is configured; holds no secret, for one that does is refused.
    let text: String
    let remote: FetchRequest.Remote

    init(_ text: String) throws(GitError) {
        self.text = text
        func refuse(_ problem: String) -> GitError {
            .configuration(.badURL(Self.shown(text), problem: problem))
        }

        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw refuse("it has a space or a control character")
        }
        guard !text.hasPrefix("/") else {
            remote = .path(text)
            return
        }
        guard let schemeEnd = text.range(of: "://")?.lowerBound else {
            guard text.contains(":") else { throw refuse("a path must begin with a slash") }
            // The short form of ssh, `git@host:path`.
            throw .configuration(.unsupportedURL(Self.shown(text), scheme: "ssh"))
        }
        let scheme = text[..<schemeEnd].lowercased()
        guard ["file", "https", "http"].contains(scheme) else {
            throw .configuration(.unsupportedURL(Self.shown(text), scheme: Self.shown(scheme)))
        }
        guard !Self.hasUser(text) else {
            throw refuse("it held a user name or a password; give them by auth.usernameFile and auth.passwordFile")
        }
        guard let parts = URLComponents(string: text) else { throw refuse("it can't be taken apart") }
        guard parts.query == nil, parts.fragment == nil else { throw refuse("it has a query or a fragment") }
        let host = parts.host ?? ""
        if scheme == "file" {
            guard host.isEmpty || host == "localhost" else { throw refuse("a file URL names no other host") }
            guard parts.path.hasPrefix("/") else { throw refuse("it has no path") }
            remote = .path(parts.path)
            return
        }
        guard !host.isEmpty else { throw refuse("it has no host") }
        guard scheme == "https" || Self.isLoopback(host) else {
            throw refuse("http is open to everyone on the way and only allowed on a loopback host; use https")
        }
        remote = .url(text)
    }

    /// Whether something stands before an `@` in the place of the host: a user, and perhaps a password.
    ///
    /// By bytes, as libcurl reads it: an `@` with a combining mark behind it is another character, but ends a password.
    private static func hasUser(_ text: String) -> Bool {
        guard let start = text.utf8.firstRange(of: "://".utf8)?.upperBound else { return false }
        return text.utf8[start...].prefix { $0 != UInt8(ascii: "/") }.contains(UInt8(ascii: "@"))
    }

    /// The url as a message may show it: without what stands before its last `@`, wherever that is.
    ///
    /// In a url with a mistake in it a password can be anywhere.
    private static func shown(_ text: String) -> String {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return text }
        let scheme = text.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.-]*:\/\//).map { String($0.output) } ?? ""
        return scheme + String(text[text.utf8.index(after: at)...])
    }

    /// `localhost`, `127.0.0.0/8` and `::1`, by their text alone.
    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
