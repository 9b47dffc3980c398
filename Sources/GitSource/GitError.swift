/// Why a source can't be fetched or read: on what, and what is wrong with it.
package enum GitError: Error, Equatable, Sendable {
    case configuration(ConfigurationProblem)
    case remote(RemoteProblem, url: String)
    case fetch(FetchProblem, url: String)
    case mirror(MirrorProblem)
    /// The tree of a commit, or a folder of this machine, which has none.
    case tree(TreeProblem, commit: CommitID?)
    case cancelled
}

extension GitError {
    /// Who can do something about it; the exit code, the log level and the next attempt follow from this.
    package enum Disposition: Equatable, Sendable {
        /// Passing: the same again later.
        case retry
        /// Someone has to change the configuration of the daemon, or the machine that serves the repository.
        case needsConfiguration
        /// Someone has to commit something else; until then the last good revision stays in force (I8).
        case needsCommit
        case cancelled
    }

    package var disposition: Disposition {
        switch self {
        case .configuration: .needsConfiguration
        case .remote(let problem, _): problem.isPassing ? .retry : .needsConfiguration
        case .fetch(.overLimit, _): .needsConfiguration
        case .fetch(.late, _), .fetch(.ended, _), .fetch(.notRun, _), .mirror: .retry
        case .tree: .needsCommit
        case .cancelled: .cancelled
        }
    }
}

extension GitError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let problem): problem.sentence
        case .remote(let problem, let url): problem.sentence(url: url)
        case .fetch(let problem, let url): problem.sentence(url: url)
        case .mirror(let problem): problem.sentence
        case .tree(let problem, let commit): problem.sentence(place: commit.map { " in commit \($0)" } ?? "")
        case .cancelled: "the fetch was cancelled"
        }
    }
}

extension GitError {
    /// What is wrong before anything was asked of anyone.
    package enum ConfigurationProblem: Equatable, Sendable {
        case badURL(String, problem: String)
        case unsupportedURL(String, scheme: String)
        case badBranch(String)
        case badPath(String, problem: String)
        case credentialsUnavailable(reason: String)
        case missingFetchProgram(path: String, reason: String)

        fileprivate var sentence: String {
            switch self {
            case .badURL(let url, let problem): "the source url \(url) can't be used: \(problem)"
            case .unsupportedURL(let url, let scheme):
                "the source url \(url) can't be used: \(scheme) is not supported by this version; use https, file or a path"
            case .badBranch(let name): "ref.branch “\(name)” is not a name that git allows for a branch"
            case .badPath(let path, let problem): "the source path “\(path)” can't be used: \(problem)"
            case .credentialsUnavailable(let reason): "the credentials of the source can't be read: \(reason)"
            case .missingFetchProgram(let path, let reason):
                "the program \(path), which does the fetching, can't be started (\(reason)); install it beside akua-gitops"
            }
        }
    }

    /// What the other side is like, or answers.
    package enum RemoteProblem: Equatable, Sendable {
        case notFound(detail: String)
        case foreignOwner
        case shallow
        case credentialsRefused(detail: String)
        case certificateRefused(detail: String)
        case redirected(to: String)
        case httpStatus(String)
        case notGit(detail: String)
        case unreachable(detail: String)
        case empty
        case missingBranch(String, others: [String])
        case notACommit(branch: String)
        case malformedPack(detail: String)

        /// Whether the same request may succeed later with nothing changed on our side.
        fileprivate var isPassing: Bool {
            switch self {
            case .httpStatus, .unreachable, .empty, .missingBranch, .notACommit, .malformedPack: true
            case .notFound, .foreignOwner, .shallow, .credentialsRefused, .certificateRefused, .redirected, .notGit:
                false
            }
        }

        fileprivate func sentence(url: String) -> String {
            switch self {
            case .notFound(let detail):
                "there is no git repository at \(url) (\(detail)); check the url, and that the credentials may see it"
            case .foreignOwner:
                "the repository \(url) belongs to another user, so git does not trust it; give it to the user of the "
                    + "daemon, or serve it and use its https url"
            case .shallow:
                "the repository at \(url) is a shallow clone, which lacks history; use a full one (git fetch --unshallow)"
            case .credentialsRefused(let detail):
                "\(url) does not let us in: \(detail); check auth.usernameFile and auth.passwordFile"
            case .certificateRefused(let detail):
                "the certificate of \(url) is not trusted: \(detail); check the url's host, the caFile and the clock"
            case .redirected(let target):
                "\(url) redirects to \(target), which is not followed; if that is the right place, make it the source's url"
            case .httpStatus(let status): "\(url) answered with HTTP status \(status); it will be tried again"
            case .notGit(let detail):
                "what answers at \(url) is no git server that we understand (\(detail)); check the url, and that the "
                    + "repository is not a shallow clone"
            case .unreachable(let detail): "\(url) can't be reached: \(detail); it will be tried again"
            case .empty: "the repository at \(url) is empty; push a commit to it"
            case .missingBranch(let branch, let others):
                "the repository at \(url) has no branch \(branch)"
                    + (others.isEmpty ? "" : " (there is \(others.joined(separator: ", ")))")
                    + "; push it, or correct ref.branch"
            case .notACommit(let branch): "branch \(branch) of \(url) does not point to a commit; push one"
            case .malformedPack(let detail):
                "what \(url) sent is damaged: \(detail); run git fsck there if it stays so"
            }
        }
    }

    /// How the fetch itself ended badly.
    package enum FetchProblem: Equatable, Sendable {
        case overLimit(Limit)
        case late(after: Duration, receivedObjects: Int, receivedBytes: Int)
        case ended(Ending)
        /// The machine could not run the fetch program; it is there.
        case notRun(reason: String)

        /// A bound that a fetch went over.
        package enum Limit: Equatable, Sendable {
            case objects(Int)
            case receivedBytes(Int)
            case memoryBytes(Int)
        }

        /// How the fetch program ended without a report.
        package enum Ending: Equatable, Sendable {
            case signal(Int32)
            case exit(Int32)
        }

        fileprivate func sentence(url: String) -> String {
            switch self {
            case .overLimit(.objects(let limit)):
                "a fetch from \(url) would bring more than \(limit) objects; check the repository, or raise the limit"
            case .overLimit(.receivedBytes(let limit)):
                "a fetch from \(url) would bring more than \(limit) bytes; check the repository, or raise the limit"
            case .overLimit(.memoryBytes(let limit)):
                "a fetch from \(url) needs more than \(limit) bytes of memory; check the repository for huge objects, "
                    + "or raise the limit"
            case .late(let deadline, let objects, let bytes):
                "the fetch from \(url) was ended after \(deadline), with \(objects) objects and \(bytes) bytes "
                    + "received; it will be tried again"
            case .notRun(let reason): "the fetch from \(url) could not be run: \(reason); it will be tried again"
            case .ended(.signal(let number)):
                "the fetch from \(url) was ended by signal \(number); it will be tried again"
            case .ended(.exit(let code)):
                "the fetch from \(url) ended with code \(code) and no report; it will be tried again"
            }
        }
    }

    /// What is wrong with what we keep.
    package enum MirrorProblem: Equatable, Sendable {
        case notFetched
        case unknownCommit(CommitID)
        case damaged(String)
        case storage(String)
        case library(call: String, code: Int32, message: String)

        fileprivate var sentence: String {
            switch self {
            case .notFetched: "the source was never fetched, so nothing can be read of it yet; fetch it first"
            case .unknownCommit(let id): "commit \(id) is not in the source's mirror; fetch the source again"
            case .damaged(let detail): "the source's mirror is damaged (\(detail)); the next fetch clones it anew"
            case .storage(let detail): "the source's mirror can't be written: \(detail); it will be tried again"
            case .library(let call, let code, let message):
                "\(call) failed with \(code): \(message); it will be tried again"
            }
        }
    }

    /// What is wrong with what was committed.
    package enum TreeProblem: Equatable, Sendable {
        case missingPath(String)
        case notAFolder(String)
        case unsafePath(String, problem: String)
        /// The limit reads "100000 files and folders".
        case tooLarge(limit: String)
        case notAFile(String, kind: SourceFile.Kind)
        case fileTooLarge(String, bytes: Int, limit: Int)
        case contentTooLarge(bytes: Int, limit: Int)
        case unreadable(String, reason: String)

        fileprivate func sentence(place: String) -> String {
            switch self {
            case .missingPath(let path): "there is no \(path)\(place); commit it, or correct the source's path"
            case .notAFolder(let path): "\(path)\(place) is not a folder; correct the source's path"
            case .unsafePath(let path, let problem):
                "the path \(path)\(place) is refused, since its name is \(problem); commit it under another name"
            case .tooLarge(let limit):
                "the tree\(place) has more than \(limit); make it smaller, or let the source's path point deeper"
            case .notAFile(let path, let kind):
                "\(path)\(place) is a \(kind.rawValue), which is not followed; commit a file"
            case .fileTooLarge(let path, let bytes, let limit):
                "\(path)\(place) has \(bytes) bytes, and \(limit) are allowed; make it smaller"
            case .contentTooLarge(let bytes, let limit):
                "the files to read\(place) have \(bytes) bytes together, and \(limit) are allowed; split the source"
            case .unreadable(let path, let reason): "\(path)\(place) can't be read: \(reason)"
            }
        }
    }
}
