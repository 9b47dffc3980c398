import Foundation

/// The directory that holds the journal and nothing that others may see: mode 0700 (I11).
struct StateDirectory: Sendable {
    let path: String

    var database: String { path + "/journal.sqlite" }
    /// SQLite's write-ahead log.
    var log: String { database + "-wal" }
    var lock: String { path + "/journal.lock" }
    /// What SQLite keeps beside the database, by the ends of their names.
    private static let companions = ["-wal", "-shm", "-journal"]
    /// How many damaged journals are kept for a person to look at; older ones are removed.
    private static let movedAsideMax = 3
    private static let movedAsideMark = ".damaged-"

    /// Makes the directory, or narrows it to its owner when it is ours already or empty.
    ///
    /// One that is open to others and holds their files is refused: narrowing it would lock them out.
    init(preparing path: String) throws(JournalError) {
        self.path = path
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let mode = (try files.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
            guard mode & 0o077 != 0 else { return }
            let names = try files.contentsOfDirectory(atPath: path)
            guard names.isEmpty || names.contains("journal.sqlite") else {
                throw JournalError(cause: .directoryShared(mode: mode), path: path)
            }
            try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        } catch let error as JournalError {
            throw error
        } catch {
            throw JournalError(cause: .inputOutput(error.problem), path: path)
        }
    }

    init(existing path: String) { self.path = path }

    var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }

    /// Whether there is a database with anything in it.
    var hasContent: Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: database)  // Fails where there is none.
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0 > 0
    }

    /// Makes a file that is not there yet with mode 0600: SQLite gives the same to what it adds.
    func begin(_ file: String) throws(JournalError) {
        guard !FileManager.default.fileExists(atPath: file) else { return }
        let isMade = FileManager.default.createFile(
            atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
        guard isMade else { throw JournalError(cause: .inputOutput("the file can't be made"), path: file) }
    }

    /// Renames the database with its companions, so that it can still be opened where it is then; answers the new path.
    func moveDatabaseAside(now milliseconds: Int) throws(JournalError) -> String {
        let files = FileManager.default
        let stamp = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            .formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        do {
            let aside = database + Self.movedAsideMark + stamp
            var target = aside
            var count = 1
            while files.fileExists(atPath: target) {
                count += 1
                target = "\(aside)-\(count)"
            }
            try files.moveItem(atPath: database, toPath: target)
            for companion in Self.companions where files.fileExists(atPath: database + companion) {
                try files.moveItem(atPath: database + companion, toPath: target + companion)
            }
            try removeOldest()
            return target
        } catch {
            throw JournalError(cause: .inputOutput(error.problem), path: database)
        }
    }

    private func removeOldest() throws {
        let files = FileManager.default
        let aside = try files.contentsOfDirectory(atPath: path)
            .filter { name in
                name.hasPrefix("journal.sqlite" + Self.movedAsideMark)
                    && !Self.companions.contains(where: name.hasSuffix)
            }
            .sorted()
        for name in aside.dropLast(Self.movedAsideMax) {
            for ending in [""] + Self.companions where files.fileExists(atPath: "\(path)/\(name)\(ending)") {
                try files.removeItem(atPath: "\(path)/\(name)\(ending)")
            }
        }
    }

    /// Makes the names of new files durable.
    ///
    /// Nobody else does so for the database file; SQLite does for its log, and takes no notice when that fails.
    func synchronize() throws(JournalError) {
        guard let handle = FileHandle(forReadingAtPath: path), fsync(handle.fileDescriptor) == 0 else {
            throw JournalError(cause: .inputOutput("the directory can't be synchronized"), path: path)
        }
    }
}

extension Error {
    /// The system's words for a failed file operation, without the domains and dictionaries around them.
    var problem: String {
        let error = self as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
        return (underlying ?? error).localizedDescription
    }
}
