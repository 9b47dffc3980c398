/// One file as a commit, or a folder, has it.
package struct SourceFile: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case file, executable
        /// Never followed; its content would be the path it points to.
        case symbolicLink = "symbolic link"
        /// Another repository; nothing of it is read.
        case submodule
    }

    /// From the root of the repository.
    ///
    /// No part is empty, `.`, `..` or a form of `.git`, and no byte is a control character.
    package var path: String
    package var kind: Kind
    /// What names the content for ever; nil for a submodule and for a file that is not committed.
    package var id: BlobID?
    /// In bytes, known without reading the content; 0 for a submodule.
    package var size: Int

    package init(path: String, kind: Kind, id: BlobID?, size: Int) {
        self.path = path
        self.kind = kind
        self.id = id
        self.size = size
    }
}

/// All files under a path, at one commit (I7) or in one folder of the machine.
package struct TreeSnapshot: Equatable, Sendable {
    /// Nil for a folder.
    package var commit: CommitID?
    /// In the order of their paths' bytes, each path once.
    package var files: [SourceFile]

    package init(commit: CommitID?, files: [SourceFile]) {
        self.commit = commit
        self.files = files
    }
}

/// How much a tree may hold (I12).
package struct TreeLimits: Equatable, Sendable {
    /// Files and folders together.
    package var entries: Int
    /// Folders within folders.
    package var depth: Int
    /// One path.
    package var pathBytes: Int
    /// One file that is read.
    package var fileBytes: Int
    /// All files of one read together.
    package var contentBytes: Int

    package init(
        entries: Int = 100_000, depth: Int = 100, pathBytes: Int = 4_096, fileBytes: Int = 4 << 20,
        contentBytes: Int = 128 << 20
    ) {
        self.entries = entries
        self.depth = depth
        self.pathBytes = pathBytes
        self.fileBytes = fileBytes
        self.contentBytes = contentBytes
    }

    /// Throws unless these files may be read together.
    func check(_ files: [SourceFile]) throws(GitError) {
        var total = 0
        for file in files {
            guard file.kind == .file || file.kind == .executable else {
                throw .tree(.notAFile(file.path, kind: file.kind), commit: nil)
            }
            guard file.size <= fileBytes else {
                throw .tree(.fileTooLarge(file.path, bytes: file.size, limit: fileBytes), commit: nil)
            }
            total += file.size
        }
        guard total <= contentBytes else {
            throw .tree(.contentTooLarge(bytes: total, limit: contentBytes), commit: nil)
        }
    }
}
