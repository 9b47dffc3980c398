import Foundation
import Manifests

/// How the values of settings are read from their text, whichever layer gives it.
enum Rules {
    /// One of the words of an enumeration.
    static func word<Value: RawRepresentable & CaseIterable & Sendable>(
        _: Value.Type
    ) -> Rule<Value> where Value.RawValue == String {
        let list = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return Rule(ValueForm("word", list)) { text, _ throws(InvalidValue) in
            if let value = Value(rawValue: text) { return value }
            let words = Value.allCases.map(\.rawValue)
            throw InvalidValue(
                problem:
                    "must be \(words.dropLast().joined(separator: ", ")) or \(words.last ?? ""), not \(Quoted(text))",
                hint: Suggestion.hint(for: text, among: words))
        }
    }

    /// A whole number within bounds.
    static func whole(_ range: ClosedRange<Int>) -> Rule<Int> {
        Rule(ValueForm("whole number", "\(range.lowerBound) to \(range.upperBound)")) { text, _ throws(InvalidValue) in
            guard let value = Int(text), range.contains(value) else {
                throw InvalidValue(
                    problem:
                        "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(Quoted(text))")
            }
            return value
        }
    }

    /// A length of time with its unit.
    static func duration(_ range: ClosedRange<Duration>) -> Rule<Duration> {
        let (low, high) = (DurationText.text(of: range.lowerBound), DurationText.text(of: range.upperBound))
        return Rule(ValueForm("length of time", "\(low) to \(high)")) { text, _ throws(InvalidValue) in
            guard let value = DurationText.parse(text) else {
                throw InvalidValue(problem: "must be a length of time such as 30s, 5m or 1h30m, not \(Quoted(text))")
            }
            guard range.contains(value) else {
                throw InvalidValue(problem: "is \(text); \(low) to \(high) are allowed")
            }
            return value
        }
    }

    static let listenAddress = Rule<ListenAddress>(
        ValueForm("address", "host and port; port 0 is any that is free")
    ) { text, _ throws(InvalidValue) in
        guard let address = ListenAddress(text) else {
            throw InvalidValue(
                problem: "must be an address and a port such as 127.0.0.1:9178 or [::1]:9178, not \(Quoted(text))")
        }
        return address
    }

    /// The characters of the platform's ids.
    static let workspace = Rule<String>(ValueForm("id", "`ws_…`")) { text, _ throws(InvalidValue) in
        guard text.wholeMatch(of: /ws_[A-Za-z0-9_-]{1,61}/) != nil else {
            throw InvalidValue(problem: "must be the id of a workspace, which begins with ws_, not \(Quoted(text))")
        }
        return text
    }

    /// An absolute path, with variables in it replaced.
    static let path = Rule<String>(ValueForm("path", "absolute")) { text, variables throws(InvalidValue) in
        switch variables.expand(text) {
        case .success(let path) where path.hasPrefix("/") && !path.utf8.contains(0): return path
        case .success: throw InvalidValue(problem: "must be an absolute path, not \(Quoted(text))")
        case .failure(let error): throw InvalidValue(problem: error.description, hint: error.hint)
        }
    }

    /// A path that need not lead anywhere yet: what is wrong with the file is said when it is read.
    static let secretFile = Rule<SecretSource>(
        ValueForm("path", "absolute; nobody but the owner may read the file")
    ) { text, variables throws(InvalidValue) in
        switch variables.expand(text) {
        case .success(let path) where path.hasPrefix("/") && !path.utf8.contains(0): return .file(path)
        case .success: throw InvalidValue(problem: "must be an absolute path, not \(Quoted(text))")
        case .failure(.unset(let name)): return .unset(variable: name)
        case .failure(let error): throw InvalidValue(problem: error.description, hint: error.hint)
        }
    }

    static let apiURL = Rule<String>(ValueForm("URL", "`https`, or `http` to this machine")) {
        text, _ throws(InvalidValue) in
        try URLRule.check(text, schemes: ["https", "http"])
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }
}

/// What every URL of the configuration has to be: absolute, without credentials, and encrypted unless it stays on this
/// machine.
enum URLRule {
    static func check(_ text: String, schemes: Set<String>) throws(InvalidValue) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text) else {
            throw InvalidValue(problem: "is not a URL")
        }
        // Before anything is quoted: what may hold a password is not repeated.
        guard parts.user == nil, parts.password == nil else {
            throw InvalidValue(
                problem: "must not hold a user name or a password", hint: "give them in files of their own")
        }
        guard let scheme = parts.scheme?.lowercased(), schemes.contains(scheme) else {
            let list = schemes.sorted().reversed().map { "\($0)://" }.joined(separator: " or ")
            throw InvalidValue(problem: "must begin with \(list)\(shown(text))")
        }
        guard parts.query == nil, parts.fragment == nil else {
            throw InvalidValue(problem: "must have no query and no fragment")
        }
        guard let host = parts.host, !host.isEmpty else { throw InvalidValue(problem: "has no host") }
        guard scheme != "http" || isLoopback(host) else {
            throw InvalidValue(
                problem: "would send secrets unencrypted to \(Quoted(host))",
                hint: "use https; http is for this machine alone")
        }
    }

    /// `, not '…'` for the end of a message; nothing for a text with an `@`, before which a password may stand even if the
    /// text is no URL, such as `https//user:password@host` without its colon.
    static func shown(_ text: String) -> String {
        text.utf8.contains(UInt8(ascii: "@")) ? "" : ", not \(Quoted(text))"
    }

    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
