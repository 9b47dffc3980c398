import CGit2
import GitPlumbing
import Glibc

/// A repository behind a URL, with one connection to it.
struct NetworkRemote: ~Copyable {
    private let pointer: OpaquePointer
    private let session: Session

    /// Connects and reads the list of references.
    ///
    /// The remote is anonymous: its URL is never written to the mirror.
    static func connect(
        to url: String, for mirror: borrowing Mirror, _ session: Session
    ) throws(FetchFailure) -> NetworkRemote {
        do {
            try PinnedSocket.register(receivedBytesMax: session.meter.limits.receivedBytes)
            let remote = NetworkRemote(
                pointer: try LibGit2Error.made(by: "git_remote_create_anonymous") {
                    git_remote_create_anonymous(&$0, mirror.repository.pointer, url)
                }, session: session)
            try remote.connect()
            return remote
        } catch {
            throw session.failure(behind: error)
        }
    }

    private init(pointer: OpaquePointer, session: Session) {
        self.pointer = pointer
        self.session = session
    }

    deinit { git_remote_free(pointer) }

    private func connect() throws(LibGit2Error) {
        var options = git_remote_connect_options()
        try LibGit2Error.check(
            git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)),
            "git_remote_connect_options_init")
        options.callbacks = session.callbacks(options.callbacks)
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.proxy_opts.type = GIT_PROXY_NONE
        try LibGit2Error.check(
            git_remote_connect_ext(pointer, GIT_DIRECTION_FETCH, &options), "git_remote_connect_ext")
    }

    /// What the remote advertises under this name.
    func tip(of reference: String) throws(FetchFailure) -> git_oid {
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        do { try LibGit2Error.check(git_remote_ls(&heads, &count, pointer), "git_remote_ls") } catch {
            throw session.failure(behind: error)
        }
        var names: [String] = []
        for head in UnsafeBufferPointer(start: heads, count: count) {
            guard let head, let name = head.pointee.name else { continue }
            if String(cString: name) == reference { return head.pointee.oid }
            names.append(String(cString: name))
        }
        guard !names.isEmpty else { throw FetchFailure(.emptyRepository) }
        throw FetchFailure(.missingReference, references: names)
    }

    /// Fetches what the reference needs and the mirror lacks, over the same connection.
    func download(_ reference: String) throws(FetchFailure) {
        var options = git_fetch_options()
        do {
            try LibGit2Error.check(
                git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)), "git_fetch_options_init")
            options.callbacks = session.callbacks(options.callbacks)
            options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
            options.proxy_opts.type = GIT_PROXY_NONE
            options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
            options.update_fetchhead = 0
            try withReferenceSpecifications(["+\(reference):\(MirrorLayout.tip)"]) { (list) throws(LibGit2Error) in
                try LibGit2Error.check(git_remote_download(pointer, &list, &options), "git_remote_download")
            }
        } catch {
            throw session.failure(behind: error)
        }
    }
}

/// What the callbacks of one connection know and count.
final class Session {
    let meter: Meter
    private let username: String?
    private let password: String?
    private var hasOffered = false

    init(_ request: FetchRequest, _ meter: Meter) {
        self.meter = meter
        username = request.username
        password = request.password.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The reason that a callback or a socket gave, else the library's.
    func failure(behind error: LibGit2Error) -> FetchFailure {
        meter.failure ?? PinnedSocket.failure ?? FetchFailure(error)
    }

    /// The given ones with ours in them; the session must outlive the calls that use them.
    func callbacks(_ defaults: git_remote_callbacks) -> git_remote_callbacks {
        var callbacks = defaults
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.transfer_progress = { numbers, payload in
            guard let numbers, let session = Session.behind(payload) else { return 0 }
            return session.meter.count(numbers.pointee) ? 0 : GIT_EUSER.rawValue
        }
        callbacks.credentials = { credential, _, _, allowed, payload in
            guard let credential, let session = Session.behind(payload) else { return GIT_EAUTH.rawValue }
            return session.offer(&credential.pointee, allowed: allowed)
        }
        return callbacks
    }

    private static func behind(_ payload: UnsafeMutableRawPointer?) -> Session? {
        // SAFETY: `callbacks` set it, and the session outlives every call that is given them.
        payload.map { Unmanaged<Session>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Offers the password once: the library asks again for as long as a server refuses it.
    private func offer(_ credential: inout UnsafeMutablePointer<git_credential>?, allowed: UInt32) -> Int32 {
        guard allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0 else {
            meter.failure = FetchFailure(.credentialsRefused, "the server takes no password")
            return GIT_EAUTH.rawValue
        }
        guard let password else {
            meter.failure = FetchFailure(.credentialsRefused, "the server asks for credentials and none are configured")
            return GIT_EAUTH.rawValue
        }
        guard !hasOffered else {
            meter.failure = FetchFailure(.credentialsRefused, "the server refused the credentials")
            return GIT_EAUTH.rawValue
        }
        hasOffered = true
        return git_credential_userpass_plaintext_new(&credential, username ?? "git", password)
    }
}

/// Lends a C array of strings for the length of a call.
private func withReferenceSpecifications(
    _ specifications: [String], _ body: (inout git_strarray) throws(LibGit2Error) -> Void
) throws(LibGit2Error) {
    var strings = specifications.map { strdup($0) }
    defer { for string in strings { free(string) } }
    let count = strings.count
    let result = strings.withUnsafeMutableBufferPointer { buffer in
        Result { () throws(LibGit2Error) in
            var list = git_strarray(strings: buffer.baseAddress, count: count)
            try body(&list)
        }
    }
    try result.get()
}
