import CGit2
import GitPlumbing

extension GitError {
    /// Throws when the status of a call that reads the mirror is a failure.
    static func check(_ status: Int32, _ call: String) throws(GitError) {
        do { try LibGit2Error.check(status, call) } catch { throw GitError(reading: error) }
    }

    /// The pointer that a C constructor stores in its first argument.
    static func made(
        by call: String, _ construct: (inout OpaquePointer?) -> Int32
    ) throws(GitError) -> OpaquePointer {
        do { return try LibGit2Error.made(by: call, construct) } catch { throw GitError(reading: error) }
    }

    /// Tells a mirror that is broken, which a new clone mends, from a machine that is short of something.
    init(reading error: LibGit2Error) {
        switch git_error_t(error.category) {
        case GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_TREE, GIT_ERROR_ZLIB, GIT_ERROR_SHA, GIT_ERROR_INDEXER,
            GIT_ERROR_INVALID:
            self = .mirror(.damaged(error.description))
        default:
            self = .mirror(.library(call: error.call, code: error.code, message: error.message))
        }
    }

    /// The fetch program's failure, with what its sentence needs of the request.
    init(_ failure: FetchFailure, url: String, branch: String, limits: FetchRequest.Limits) {
        let detail = failure.detail
        switch failure.reason {
        case .emptyRepository: self = .remote(.empty, url: url)
        case .missingReference:
            self = .remote(.missingBranch(branch, others: Self.branches(failure.references)), url: url)
        case .notACommit: self = .remote(.notACommit(branch: branch), url: url)
        case .repositoryNotFound: self = .remote(.notFound(detail: detail), url: url)
        case .foreignOwner: self = .remote(.foreignOwner, url: url)
        case .shallowRemote: self = .remote(.shallow, url: url)
        case .credentialsRefused: self = .remote(.credentialsRefused(detail: detail), url: url)
        case .certificateRefused: self = .remote(.certificateRefused(detail: detail), url: url)
        case .redirected: self = .remote(.redirected(to: detail), url: url)
        case .httpStatus where detail == "404": self = .remote(.notFound(detail: "HTTP status 404"), url: url)
        case .httpStatus where detail == "401" || detail == "403":
            self = .remote(.credentialsRefused(detail: "HTTP status \(detail)"), url: url)
        case .httpStatus: self = .remote(.httpStatus(detail), url: url)
        case .notGit: self = .remote(.notGit(detail: detail), url: url)
        case .unreachable: self = .remote(.unreachable(detail: detail), url: url)
        case .malformedPack: self = .remote(.malformedPack(detail: detail), url: url)
        case .objectsLimit: self = .fetch(.overLimit(.objects(limits.objects)), url: url)
        case .receivedBytesLimit: self = .fetch(.overLimit(.receivedBytes(limits.receivedBytes)), url: url)
        case .memoryLimit: self = .fetch(.overLimit(.memoryBytes(limits.memoryBytes)), url: url)
        case .storage: self = .mirror(.storage(detail))
        case .badRequest, .other: self = .mirror(.library(call: "the fetch", code: -1, message: detail))
        }
    }

    /// Some branches by their short names.
    private static func branches(_ references: [String]) -> [String] {
        references.filter { $0.hasPrefix("refs/heads/") }.prefix(10)
            .map { String($0.dropFirst("refs/heads/".count)).cleaned(bytesMax: 100) }
    }
}
