internal import Synchronization

/// What files of a source were read as, by path and content: a commit that touches one file parses one file.
///
/// Holds I12: after a read it keeps at most about twice the files of the tree that was read last.
package final class ParsedFileCache: Sendable {
    struct Key: Hashable, Sendable {
        var path: String
        var contentID: String
    }
    struct Content: Sendable {
        var files: [Key: ManifestFile] = [:]
        var data: [Key: DataFile] = [:]
    }

    private let content = Mutex(Content())

    package init() {}

    /// How many results are kept.
    package var count: Int { content.withLock { $0.files.count + $0.data.count } }

    /// What is known at this moment.
    var known: Content { content.withLock { $0 } }

    /// Adds what was read, and forgets everything but `used` once most of what is kept is of no use.
    func keep(_ read: Content, used: [TreeFile]) {
        content.withLock { content in
            content.files.merge(read.files) { $1 }
            content.data.merge(read.data) { $1 }
            guard content.files.count + content.data.count > 2 * used.count + 64 else { return }
            let keys = Set(used.compactMap(Key.init))
            content.files = content.files.filter { keys.contains($0.key) }
            content.data = content.data.filter { keys.contains($0.key) }
        }
    }
}

extension ParsedFileCache.Key {
    /// Nil for a file whose content has no name.
    init?(_ file: TreeFile) {
        guard let contentID = file.contentID else { return nil }
        self.init(path: file.path, contentID: contentID)
    }
}
