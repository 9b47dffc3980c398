/// Why the journal could not be opened, read or written.
package struct JournalError: Error, Equatable, Sendable {
    package enum Cause: Equatable, Sendable {
        /// Another process, of that id when it said so, works on this state directory.
        case locked(pid: Int?)
        /// The directory is open to others (its mode says so) and holds things that are not ours.
        case directoryShared(mode: Int)
        /// Written by a version that knows a later schema.
        case schemaNewer(found: Int, known: Int)
        /// Opened for reading only and not yet brought up to this version's schema.
        case schemaOlder(found: Int, known: Int)
        /// No room. Nothing of the commit is in.
        case diskFull
        /// The disk or the file system failed, in the words given. Whether the commit is in can't be known; the journal is
        /// reopened before the next one, which then either has it or has not.
        case inputOutput(String)
        /// The content is not what was written. While running, nothing more is read or written; opened again it is moved
        /// aside.
        case damaged(String)
        /// An entry breaks a rule of the schema. Nothing of that caller's commit is in.
        case refused(String)
        /// A row holds what this version has no word for: table, column.
        case unreadable(table: String, column: String)
        /// A commit to a journal that was opened for reading.
        case readOnly
        /// Used after it was closed.
        case closed
    }

    package var cause: Cause
    /// The file or directory that failed.
    package var path: String

    package init(cause: Cause, path: String) {
        self.cause = cause
        self.path = path
    }

    /// What to do about it; the exit code and the next attempt follow from this.
    package enum Disposition: Equatable, Sendable {
        /// Passing: the same again later.
        case retry
        /// Start again: opening repairs or replaces.
        case restart
        /// Another process has it.
        case inUse
        /// Stays so until a person changes the installation (exit code 78).
        case configuration
        /// A mistake of ours.
        case defect
    }

    package var disposition: Disposition {
        switch cause {
        case .diskFull, .inputOutput: .retry
        case .damaged: .restart
        case .locked: .inUse
        case .directoryShared, .schemaNewer, .schemaOlder, .unreadable: .configuration
        case .refused, .readOnly, .closed: .defect
        }
    }
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch cause {
        case .locked(let pid):
            "the state directory \(path) is in use by \(pid.map { "process \($0)" } ?? "another process"); "
                + "stop that one first, or give this one a state directory of its own"
        case .directoryShared(let mode):
            "the state directory \(path) has mode 0\(String(mode, radix: 8)) and holds other files; it must be ours alone: "
                + "chmod 700 it, or name another one"
        case .schemaNewer(let found, let known):
            "the journal \(path) was written by a newer version (schema \(found), this version knows \(known)); "
                + "start that version, or name another state directory"
        case .schemaOlder(let found, let known):
            "the journal \(path) was written by an older version (schema \(found), this version reads \(known)); "
                + "the next run or reconcile of this version brings it up to date"
        case .diskFull:
            "the journal \(path) could not be written because the disk is full; nothing is sent until there is room, "
                + "then work goes on by itself"
        case .inputOutput(let problem):
            "the journal \(path) could not be read or written (\(problem)); it is reopened at the next attempt: "
                + "look at the disk and at the rights of that directory"
        case .damaged(let problem):
            "the journal \(path) is damaged (\(problem)); start again: it is then moved aside and a new one begun"
        case .refused(let problem):
            "the journal \(path) refused an entry (\(problem)); this is a defect of akua-gitops, please report it"
        case .unreadable(let table, let column):
            "the journal \(path) holds something in \(table).\(column) that this version does not know; "
                + "start the version that wrote it"
        case .readOnly:
            "the journal \(path) was opened for reading only"
        case .closed:
            "the journal \(path) has been closed"
        }
    }
}
