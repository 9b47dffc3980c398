/// What a source is at: the name that is followed and the commit it led to, written `main@sha1:<40 digits>`.
package struct Revision: Hashable, Sendable {
    package var branch: String
    package var commit: CommitID

    package init(branch: String, commit: CommitID) {
        self.branch = branch
        self.commit = commit
    }

    /// The revision, or nil when the text is none.
    package init?(_ text: String) {
        let marker = "@sha1:"
        let digits = text.suffix(40)
        let head = text.dropLast(40)
        guard head.hasSuffix(marker), head.count > marker.count, let commit = CommitID(String(digits)) else {
            return nil
        }
        self.init(branch: String(head.dropLast(marker.count)), commit: commit)
    }
}

extension Revision: CustomStringConvertible {
    package var description: String { "\(branch)@sha1:\(commit)" }
}

/// What people wrote about a commit; texts are on one line, without control characters, and bounded.
package struct CommitInfo: Equatable, Sendable {
    package var id: CommitID
    package var authorName: String
    package var authorEmail: String
    /// When it was committed, in seconds since 1970 by the committer's clock, which may be wrong.
    package var committedAt: Int64
    /// The first line of the message.
    package var subject: String

    package init(id: CommitID, authorName: String, authorEmail: String, committedAt: Int64, subject: String) {
        self.id = id
        self.authorName = authorName
        self.authorEmail = authorEmail
        self.committedAt = committedAt
        self.subject = subject
    }
}

/// How one commit stands to another in history.
package enum Ancestry: String, Hashable, Sendable {
    case same, ancestor, descendant, unrelated
    /// At least one of the two is not in the mirror.
    case unknown
}
