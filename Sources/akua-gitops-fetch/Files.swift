import GitPlumbing
import Glibc

/// The few things that a mirror needs of the file system.
enum Files {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The names in a folder, without `.` and `..`; none if it can't be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                // SAFETY: an array of `CChar` is what the field is, and readdir ends the name with a NUL within it.
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func size(of path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Removes a file, or a folder with all that is in it; follows no link.
    ///
    /// Nothing there is fine.
    static func remove(_ path: String) throws(FetchFailure) {
        guard Glibc.remove(path) != 0, errno != ENOENT else { return }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw .storage("remove", path) }
        for name in names(in: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 else { throw .storage("remove", path) }
    }

    static func move(_ path: String, to target: String) throws(FetchFailure) {
        guard rename(path, target) == 0 else { throw .storage("rename", path) }
    }

    static func makeFolder(_ path: String) throws(FetchFailure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .storage("create", path) }
    }
}

extension FetchFailure {
    /// The failure of the system call that has just returned.
    static func storage(_ verb: String, _ path: String) -> FetchFailure {
        let code = errno
        return FetchFailure(.storage, "cannot \(verb) \(path): \(String(cString: strerror(code)))")
    }
}

/// The right to change a source's mirror; the system takes it back when its holder dies.
struct MirrorLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for another fetch of the same source to end; the daemon's deadline bounds the wait.
    init(_ path: String) throws(FetchFailure) {
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .storage("open", path) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .storage("lock", path) }
        }
    }

    deinit { close(descriptor) }
}
