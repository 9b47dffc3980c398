import CGit2
import GitPlumbing
import Glibc

/// Counts what a transfer brings, stops it at its limits, and tells the daemon how far it is.
///
/// libgit2's callbacks can only answer with a number, so the reason why one stopped a transfer waits here.
final class Meter {
    let limits: FetchRequest.Limits
    private(set) var progress = FetchReport.Progress()
    /// Why a callback ended the transfer.
    var failure: FetchFailure?
    private var lastSaid = 0

    init(_ limits: FetchRequest.Limits) { self.limits = limits }

    /// Takes the indexer's numbers; false ends the transfer.
    func count(_ numbers: git_indexer_progress) -> Bool {
        progress.receivedObjects = Int(numbers.received_objects)
        progress.totalObjects = Int(numbers.total_objects)
        progress.receivedBytes = numbers.received_bytes
        if progress.totalObjects > limits.objects { failure = FetchFailure(.objectsLimit, "\(progress.totalObjects)") }
        if progress.receivedBytes > limits.receivedBytes { failure = FetchFailure(.receivedBytesLimit) }
        sayProgress()
        return failure == nil
    }

    /// At most once a second: the daemon keeps all of it until the end.
    private func sayProgress() {
        let now = time(nil)
        guard now > lastSaid else { return }
        lastSaid = now
        StandardOutput.write(FetchReport.encoded(progress))
    }

    /// The failure behind an error of the library: the reason of a callback, if one ended the call.
    func failure(behind error: LibGit2Error) -> FetchFailure { failure ?? FetchFailure(error) }
}

extension FetchFailure {
    /// Sorts an error of the library by what can be done about it.
    init(_ error: LibGit2Error) {
        switch (git_error_code(error.code), git_error_t(error.category)) {
        case (GIT_EAUTH, _): self.init(.credentialsRefused, error.message)
        case (GIT_ECERTIFICATE, _): self.init(.certificateRefused, error.message)
        case (GIT_EOWNER, _): self.init(.foreignOwner, error.message)
        case (_, GIT_ERROR_NOMEMORY): self.init(.memoryLimit)
        case (_, GIT_ERROR_HTTP): self.init(ofHTTP: error.message)
        case (_, GIT_ERROR_NET), (_, GIT_ERROR_SSL): self.init(ofNetwork: error.message)
        case (_, GIT_ERROR_INDEXER) where error.message == "too many objects": self.init(.objectsLimit)
        case (_, GIT_ERROR_INDEXER), (_, GIT_ERROR_ZLIB), (_, GIT_ERROR_ODB), (_, GIT_ERROR_OBJECT),
            (_, GIT_ERROR_SHA), (_, GIT_ERROR_TREE), (_, GIT_ERROR_INVALID):
            self.init(.malformedPack, error.description)
        case (_, GIT_ERROR_OS), (_, GIT_ERROR_FILESYSTEM), (_, GIT_ERROR_REFERENCE), (_, GIT_ERROR_REPOSITORY):
            self.init(.storage, error.description)
        default: self.init(.other, error.description)
        }
    }

    /// The failure of reading the commit that a branch points to.
    init(ofCommit error: LibGit2Error) {
        // The library's way to say that the object is there and is something else.
        let isOtherType = error.code == GIT_ENOTFOUND.rawValue && error.category == GIT_ERROR_INVALID.rawValue
        self = isOtherType ? FetchFailure(.notACommit) : FetchFailure(error)
    }

    /// The library tells a status apart by its text alone.
    private init(ofHTTP message: String) {
        let statusText = "unexpected http status code: "
        if message.hasPrefix(statusText) {
            self.init(.httpStatus, String(message.dropFirst(statusText.count)))
        } else if message.hasPrefix("invalid content-type") || message.hasPrefix("no content-type") {
            self.init(.notGit, message)
        } else if message.contains("redirect") {
            self.init(.redirected, "somewhere else")
        } else {
            self.init(.unreachable, message)
        }
    }

    private init(ofNetwork message: String) {
        if message.hasPrefix("cannot redirect") {
            // "cannot redirect from 'a' to 'b'"
            self.init(.redirected, message.split(separator: "'").last.map(String.init) ?? message)
            return
        }
        let isNonsense = [
            "error parsing", "invalid packet", "invalid hex", "bad packet", "unexpected p", "remote sent",
            "invalid response",
        ].contains { message.hasPrefix($0) }
        self.init(isNonsense ? .notGit : .unreachable, message)
    }
}
