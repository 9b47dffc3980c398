internal import Synchronization

/// What the files of a source were read as the last time: a commit that touches one file parses one file.
///
/// Holds I12: it keeps what the last read saw, and nothing else.
package final class ParsedFileCache: Sendable {
    private let content = Mutex(SourceFiles.Parsed())

    package init() {}

    /// How many files are known.
    package var count: Int {
        content.withLock { $0.manifests.files.count + $0.leftOut.files.count + $0.data.count }
    }

    /// What the last read saw.
    var last: SourceFiles.Parsed { content.withLock { $0 } }

    /// Forgets the last read for this one.
    func keep(_ read: SourceFiles.Parsed) { content.withLock { $0 = read } }
}

/// Files of manifests in the order of their paths, and beside them what they hold.
struct ParsedFiles: Sendable {
    private(set) var files: [TreeFile] = []
    private(set) var contents: [ManifestFile] = []

    init() {}

    init(_ files: [TreeFile], _ contents: [ManifestFile]) {
        self.files = files
        self.contents = contents
    }

    /// What is known of other files, in the order of their paths too: those of the same path and content.
    ///
    /// Both lists are walked side by side, which costs a fraction of looking up each path.
    func contents(of others: [TreeFile]) -> [ManifestFile?] {
        var position = 0
        return others.map { other in
            while position < files.count, files[position].path != other.path {
                guard files[position].path.utf8.lexicographicallyPrecedes(other.path.utf8) else { return nil }
                position += 1
            }
            guard position < files.count else { return nil }
            defer { position += 1 }
            return other.contentID != nil && files[position].contentID == other.contentID ? contents[position] : nil
        }
    }
}
