/// The files of a source at one commit, or in a folder that is not committed.
///
/// What implements it reads a commit's tree (I7) or a checkout; this module only sees paths, sizes and bytes.
package protocol ManifestTree: Sendable {
    /// The folder that holds the manifests, from the root of the repository without slashes at its ends; empty for the
    /// root itself.
    var manifestRoot: String { get }
    /// Every file under ``manifestRoot``, in the order of their paths' bytes, symbolic links included.
    func files() async throws -> [TreeFile]
    /// What lies at a path anywhere in the repository; nil when no file does.
    func file(at path: String) async throws -> TreeFile?
    /// The bytes of regular files of this tree, in the order asked for.
    func contents(of files: [TreeFile]) async throws -> [[UInt8]]
}

/// A file of a ``ManifestTree``.
package struct TreeFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular
        /// Never followed.
        case symbolicLink
        /// A submodule, or what is no file at all; never read.
        case other
    }

    /// From the root of the repository, with `/` between its parts.
    package var path: String
    package var kind: Kind
    /// In bytes.
    package var size: Int
    /// What names the content for ever, such as git's blob id; nil when nothing does, and then nothing is cached.
    package var contentID: String?

    package init(path: String, kind: Kind = .regular, size: Int, contentID: String?) {
        self.path = path
        self.kind = kind
        self.size = size
        self.contentID = contentID
    }
}

/// Paths within a repository, taken apart as bytes: the operating system is never asked.
///
/// Never as characters: a slash with a combining mark behind it is one character that is not `/`, but to git and to every
/// file system it is a slash.
enum RepositoryPath {
    private static let slash = UInt8(ascii: "/")

    /// Why a path written in a manifest leads nowhere.
    enum Problem: Error, Equatable {
        case absolute, outside, notAFile
    }

    /// The folder of a file; empty for the root.
    static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: slash).map { String(path[..<$0]) } ?? ""
    }

    /// The last part of a path.
    static func name(of path: String) -> Substring {
        path.utf8.lastIndex(of: slash).map { path[path.utf8.index(after: $0)...] } ?? path[...]
    }

    /// Whether the path ends in that extension, in whatever case.
    static func hasExtension(_ lowercase: String, _ path: String) -> Bool {
        path.utf8.suffix(lowercase.utf8.count).elementsEqual(lowercase.utf8) { byte, expected in
            byte == expected || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == expected
        }
    }

    /// What `written` means in a manifest of `folder`, with `.` and `..` taken out.
    static func resolve(_ written: String, from folder: String) throws(Problem) -> String {
        guard written.utf8.first != slash else { throw .absolute }
        var parts = folder.utf8.split(separator: slash)
        let steps = written.utf8.split(separator: slash)
        for step in steps {
            if step.elementsEqual(".".utf8) { continue }
            if step.elementsEqual("..".utf8) {
                guard parts.popLast() != nil else { throw .outside }
            } else {
                parts.append(step)
            }
        }
        guard let last = parts.last, steps.last?.elementsEqual(last) ?? false, written.utf8.last != slash else {
            throw .notAFile
        }
        return parts.map { String(Substring($0)) }.joined(separator: "/")
    }
}
