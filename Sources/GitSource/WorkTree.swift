import GitPlumbing
import Glibc

/// A folder of this machine read as a commit of it would be: what `plan --source-path` and `validate` look at.
///
/// `.git` is left out, links are not followed, and another repository inside is a submodule. The rules for names and
/// sizes are those of a commit. Reads when asked, on the caller's thread.
package struct WorkTree: Sendable {
    /// The root of the checkout.
    package let folder: String
    private let limits: TreeLimits

    package init(_ folder: String, limits: TreeLimits = TreeLimits()) {
        self.folder = folder
        self.limits = limits
    }

    /// Every file under a path, in the order of the paths' bytes.
    ///
    /// Paths are from the folder, as they would be from the root of the repository.
    package func snapshot(under path: String = "") throws(GitError) -> TreeSnapshot {
        let parts = try SourcePath(path).parts
        let start = try open(parts)
        var listing = Listing()
        try list(start, at: parts.joined(separator: "/"), depth: parts.count, &listing)
        listing.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return TreeSnapshot(commit: nil, files: listing.files)
    }

    /// The bytes of files of a snapshot of this folder, in their order; all or none, within the limits.
    package func contents(of files: [SourceFile]) throws(GitError) -> [[UInt8]] {
        try limits.check(files)
        var contents: [[UInt8]] = []
        contents.reserveCapacity(files.count)
        for file in files { contents.append(try read(file)) }
        return contents
    }

    private struct Listing {
        var files: [SourceFile] = []
        var entryCount = 0
    }

    private func list(
        _ opened: borrowing Descriptor, at path: String, depth: Int, _ listing: inout Listing
    ) throws(GitError) {
        guard depth <= limits.depth else {
            throw .tree(.tooLarge(limit: "\(limits.depth) folders within folders"), commit: nil)
        }
        let names = try opened.names(path: path)
        if !path.isEmpty, names.contains(where: { $0.elementsEqual(".git".utf8) }) {
            listing.files.append(SourceFile(path: path, kind: .submodule, id: nil, size: 0))
            return
        }
        listing.entryCount += names.count
        guard listing.entryCount <= limits.entries else {
            throw .tree(.tooLarge(limit: "\(limits.entries) files and folders"), commit: nil)
        }
        for bytes in names where !bytes.elementsEqual(".git".utf8) {
            let name = String(decoding: bytes, as: UTF8.self)
            let child = path.isEmpty ? name : "\(path)/\(name)"
            if let problem = EntryName.problem(with: bytes) {
                throw .tree(.unsafePath(child.cleaned(bytesMax: limits.pathBytes), problem: problem), commit: nil)
            }
            guard child.utf8.count <= limits.pathBytes else {
                throw .tree(.tooLarge(limit: "\(limits.pathBytes) bytes in a path"), commit: nil)
            }
            try add(name, of: opened, at: child, depth: depth, &listing)
        }
    }

    private func add(
        _ name: String, of parent: borrowing Descriptor, at path: String, depth: Int, _ listing: inout Listing
    ) throws(GitError) {
        let status = try parent.status(of: name, path: path)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try list(try parent.open(name, O_DIRECTORY, path: path), at: path, depth: depth + 1, &listing)
        case S_IFREG:
            let isExecutable = status.st_mode & S_IXUSR != 0
            listing.files.append(
                SourceFile(path: path, kind: isExecutable ? .executable : .file, id: nil, size: Int(status.st_size)))
        case S_IFLNK:
            listing.files.append(SourceFile(path: path, kind: .symbolicLink, id: nil, size: Int(status.st_size)))
        default:
            // Sockets, pipes and devices: git knows none of them either.
            break
        }
    }

    private func read(_ file: SourceFile) throws(GitError) -> [UInt8] {
        let parts = try SourcePath(file.path).parts
        let parent = try open(Array(parts.dropLast()))
        return try parent.open(parts.last ?? "", 0, path: file.path).read(
            bytesMax: limits.fileBytes, path: file.path)
    }

    /// Opens a folder step by step, so that no link is followed on the way.
    private func open(_ parts: [String]) throws(GitError) -> Descriptor {
        var opened = try Descriptor.open(folder)
        var walked: [String] = []
        for part in parts {
            walked.append(part)
            opened = try opened.open(part, O_DIRECTORY, path: walked.joined(separator: "/"))
        }
        return opened
    }
}

/// Owns an open file or folder.
private struct Descriptor: ~Copyable {
    private let number: Int32

    private init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens the root, wherever a link to it leads.
    static func open(_ folder: String) throws(GitError) -> Descriptor {
        let number = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw failure(folder) }
        return Descriptor(owning: number)
    }

    /// Opens something in this folder, if it is no link.
    func open(_ name: String, _ flags: Int32, path: String) throws(GitError) -> Descriptor {
        // Without O_NONBLOCK the opening of a pipe would wait for its writer.
        let child = openat(number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags)
        guard child >= 0 else { throw Self.failure(path) }
        return Descriptor(owning: child)
    }

    func status(of name: String, path: String) throws(GitError) -> stat {
        var status = stat()
        guard fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw Self.failure(path) }
        return status
    }

    /// The names in this folder but `.` and `..`, as bytes.
    func names(path: String) throws(GitError) -> [[UInt8]] {
        // The stream takes over its descriptor, so it gets one of its own.
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else { throw Self.failure(path) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { names.append(name) }
        }
        return names
    }

    func read(bytesMax: Int, path: String) throws(GitError) -> [UInt8] {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw Self.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .tree(.unreadable(path, reason: "it is no file any more"), commit: nil)
        }
        // It may have grown since it was listed.
        guard status.st_size <= bytesMax else {
            throw .tree(.fileTooLarge(path, bytes: Int(status.st_size), limit: bytesMax), commit: nil)
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(number, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw Self.failure(path) }
            guard received > 0 else { break }
            count += received
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The failure of the system call that has just returned.
    private static func failure(_ path: String) -> GitError {
        switch errno {
        case ENOENT: .tree(.missingPath(path), commit: nil)
        case ENOTDIR, ELOOP: .tree(.notAFolder(path), commit: nil)
        default: .tree(.unreadable(path, reason: String(cString: strerror(errno))), commit: nil)
        }
    }
}
