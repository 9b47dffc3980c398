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
            .configuration(.badURL(Self.withoutUser(text), problem: problem))
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
            throw .configuration(.unsupportedURL(text, scheme: "ssh"))
        }
        let scheme = text[..<schemeEnd].lowercased()
        guard ["file", "https", "http"].contains(scheme) else {
            throw .configuration(.unsupportedURL(Self.withoutUser(text), scheme: scheme))
        }
        guard Self.withoutUser(text) == text else {
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

    /// The url without what stands before an `@` in the place of its host, which may be a password.
    private static func withoutUser(_ text: String) -> String {
        guard let start = text.range(of: "://")?.upperBound else { return text }
        let end = text[start...].firstIndex(of: "/") ?? text.endIndex
        guard let at = text[start..<end].lastIndex(of: "@") else { return text }
        return String(text[..<start] + text[text.index(after: at)...])
    }

    /// `localhost`, `127.0.0.0/8` and `::1`, by their text alone.
    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
