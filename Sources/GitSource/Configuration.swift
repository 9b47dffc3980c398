import CGit2

extension GitSource {
    /// Everything that a source needs to be followed.
    package struct Configuration: Sendable {
        /// The source's name; for threads and people.
        package var name: String
        /// An absolute path, `file://`, `https://`, or `http://` on a loopback host; without credentials.
        package var url: String
        package var ref: Reference
        /// A folder of the source's own, absolute; made by the first fetch.
        ///
        /// Several processes of one user may share it: their fetches take turns.
        package var directory: String
        /// Asked afresh before each fetch, so that a rotated password is taken up; nil or an answer of nil is anonymous.
        package var credentials: (@Sendable () async throws -> GitCredentials?)?
        /// The only certificates to trust for `https`, as PEM; the system's if nil.
        package var caFile: String?
        package var fetchLimits = FetchLimits()
        package var treeLimits = TreeLimits()
        /// How long one fetch may take.
        package var deadline = Duration.seconds(60)
        /// The absolute path of `akua-gitops-fetch`.
        package var fetchProgram: String

        package init(name: String, url: String, ref: Reference, directory: String, fetchProgram: String) {
            self.name = name
            self.url = url
            self.ref = ref
            self.directory = directory
            self.fetchProgram = fetchProgram
        }
    }

    /// What is followed in the repository.
    package enum Reference: Hashable, Sendable {
        case branch(String)

        /// The short name, as a revision shows it.
        package var name: String {
            switch self {
            case .branch(let name): name
            }
        }

        /// Whether git allows the name.
        var isValid: Bool {
            get throws(GitError) {
                var isValid: Int32 = 0
                switch self {
                case .branch(let name):
                    try GitError.check(git_branch_name_is_valid(&isValid, name), "git_branch_name_is_valid")
                }
                return isValid == 1
            }
        }

        /// The name that the remote lists it under.
        var full: String {
            switch self {
            case .branch(let name): "refs/heads/\(name)"
            }
        }
    }

    /// How much one fetch may bring and use (I12).
    package struct FetchLimits: Equatable, Sendable {
        package var objects: Int
        package var receivedBytes: Int
        /// Private memory of the fetch program.
        package var memoryBytes: Int

        package init(objects: Int = 1_000_000, receivedBytes: Int = 1 << 30, memoryBytes: Int = 1 << 30) {
            self.objects = objects
            self.receivedBytes = receivedBytes
            self.memoryBytes = memoryBytes
        }
    }
}

/// What a fetch came to.
package struct FetchOutcome: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case unchanged
        /// `previous` is what the mirror was at; nil after a clone.
        case moved(from: CommitID?)
    }

    /// What happened to the mirror besides.
    package enum Event: Equatable, Sendable {
        /// There was none.
        case cloned
        /// It was damaged: moved aside (`damaged.git` in the source's folder) and cloned anew.
        case replaced(reason: String)
        /// So many packs were joined to one.
        case compacted(packs: Int)
    }

    package var revision: Revision
    package var change: Change
    package var events: [Event]
    package var receivedObjects: Int
    package var receivedBytes: Int
}
