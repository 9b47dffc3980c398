import Foundation
import Manifests

/// The rules for what only a source has.
enum SourceRules {
    /// Part of every object's identity: DNS's own rule for a label.
    static let name = Rule<String>(
        ValueForm("name", "1 to 63 lower-case letters, digits and inner hyphens")
    ) { text, _ throws(InvalidValue) in
        guard text.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) != nil else {
            throw InvalidValue(
                problem: "must be 1 to 63 lower-case letters, digits and inner hyphens, not \(Quoted(text))")
        }
        return text
    }

    static let urlForm = ValueForm(
        "URL or path", "`https://…`, `http` on this machine, `file:///…`, or a path on it; without credentials")

    /// A repository; a relative path (`./` or `../`) counts from the folder of the configuration file.
    static func url(relativeTo configurationFile: String) -> Rule<String> {
        Rule(urlForm) { text, _ throws(InvalidValue) in
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw InvalidValue(problem: "holds a control character")
            }
            if text.hasPrefix("/") { return try localPath(text) }
            if text.hasPrefix("./") || text.hasPrefix("../") {
                let folder = URL(filePath: configurationFile).deletingLastPathComponent()
                return try localPath(folder.appending(path: text).path)
            }
            let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() }
            switch scheme {
            case "file":
                let path = text.dropFirst("file://".count)
                guard path.hasPrefix("/") || path.hasPrefix("localhost/") else {
                    throw InvalidValue(problem: "must have the form file:///absolute/path, not \(Quoted(text))")
                }
                return text
            case "ssh": throw InvalidValue(problem: "begins with ssh://, which is not supported by this version")
            case nil where text.contains(/^[^\/]*:/):
                throw InvalidValue(
                    problem: "is ssh's short form, which is not supported by this version", hint: "use https")
            case nil:
                throw InvalidValue(
                    problem: "must be a URL or a path that begins with / or ./\(URLRule.shown(text))")
            default:
                try URLRule.check(text, schemes: ["https", "http", "file"])
                return text
            }
        }
    }

    private static func localPath(_ text: String) throws(InvalidValue) -> String {
        let path = URL(filePath: text).standardizedFileURL.path
        guard path.count > 1 else { throw InvalidValue(problem: "is the root of this machine, not a repository") }
        return path
    }

    static let pollInterval = Rules.duration(.seconds(1)...(.seconds(86_400)))

    /// A branch's short name, as git allows them (git-check-ref-format).
    static let branch = Rule<String>(ValueForm("name", "a branch's short name, up to 200 bytes")) {
        text, _ throws(InvalidValue) in
        let isForbidden =
            text.isEmpty || text.utf8.count > 200 || text == "@" || text.hasPrefix("-") || text.hasSuffix(".")
            || text.contains("..") || text.contains("@{") || text.contains("//")
            || text.unicodeScalars.contains {
                $0.value <= 0x20 || $0.value == 0x7F || "~^:?*[\\".unicodeScalars.contains($0)
            }
            || text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).contains {
                $0.isEmpty || $0.first == UInt8(ascii: ".") || Substring($0).hasSuffix(".lock")
            }
        guard !isForbidden else { throw InvalidValue(problem: "is not a name that git allows: \(Quoted(text))") }
        guard !text.hasPrefix("refs/") else {
            throw InvalidValue(problem: "must be a branch's short name, not \(Quoted(text))")
        }
        return text
    }

    /// A folder in the repository, without slashes at its ends; the empty text is the root.
    static let folder = Rule<String>(ValueForm("path", "within the repository")) { text, _ throws(InvalidValue) in
        // By bytes, as git does: a slash that a combining mark follows is a slash.
        let slash = UInt8(ascii: "/")
        let parts = text.utf8.split(separator: slash).map { String(Substring($0)) }.filter { $0 != "." }
        guard text.utf8.first != slash, !parts.contains(".."),
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw InvalidValue(problem: "must be a folder inside the repository, without '..', not \(Quoted(text))")
        }
        return parts.joined(separator: "/")
    }
}
