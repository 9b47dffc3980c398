import CGit2
import GitPlumbing
import Glibc
import Synchronization

/// The only kind of connection that libgit2 can open here: to the host and port of the configured URL.
///
/// The library compares nothing but the host of a redirect, so a password could follow one to another port. It makes
/// its sockets, those under TLS too, through this type, which refuses any other origin before a byte is sent. It also
/// gives up on an address that does not answer, so that the next one of the host has its turn, and counts bytes before
/// the library buffers them: a list of references has no end of its own.
struct PinnedSocket {
    /// Must come first: it is all that the library sees.
    private var stream = git_stream()
    private let host: String
    private let port: String
    private var descriptor: Int32 = -1

    /// How long one address of a host may take to accept.
    private static let connectTimeoutMs: Int32 = 5_000

    private init(host: String, port: String) {
        self.host = host
        self.port = port
        stream.version = GIT_STREAM_VERSION
        stream.connect = { stream in PinnedSocket.at(stream) { $0.connect() } }
        stream.read = { stream, buffer, count in PinnedSocket.at(stream) { $0.read(buffer, count) } }
        stream.write = { stream, buffer, count, _ in PinnedSocket.at(stream) { $0.write(buffer, count) } }
        stream.close = { stream in PinnedSocket.at(stream) { $0.close() } }
        stream.free = { stream in
            guard let stream else { return }
            // SAFETY: as in `at`; the library calls this once, and nothing after it.
            UnsafeMutableRawPointer(stream).assumingMemoryBound(to: PinnedSocket.self).deinitialize(count: 1)
                .deallocate()
        }
    }

    private static func at<Result>(_ stream: UnsafeMutablePointer<git_stream>?, _ body: (inout PinnedSocket) -> Result)
        -> Result where Result: SignedInteger
    {
        guard let stream else { return -1 }
        // SAFETY: the library hands back what `make` gave it, and that is a `PinnedSocket`, whose first member it sees.
        return body(&UnsafeMutableRawPointer(stream).assumingMemoryBound(to: PinnedSocket.self).pointee)
    }
}

extension PinnedSocket {
    /// What all connections of this process share.
    private struct Shared {
        /// Of the first connection: that of the configured URL, since a redirect can only come after it.
        var origin: (host: String, port: String)?
        var receivedBytes = 0
        var receivedBytesMax = Int.max
        var failure: FetchFailure?
    }

    private static let shared = Mutex(Shared())

    /// Why a socket was not opened, or was not read any further; the library's own error says less.
    static var failure: FetchFailure? { shared.withLock { $0.failure } }

    /// Makes this the way in which the library connects, with a limit on what it receives altogether.
    static func register(receivedBytesMax: Int) throws(LibGit2Error) {
        shared.withLock { shared in
            shared.receivedBytes = 0
            shared.receivedBytesMax = receivedBytesMax
        }
        var registration = git_stream_registration()
        registration.version = GIT_STREAM_VERSION
        registration.`init` = { stream, host, port in
            guard let stream, let host, let port else { return -1 }
            return PinnedSocket.make(stream, host: String(cString: host), port: String(cString: port))
        }
        try LibGit2Error.check(git_stream_register(GIT_STREAM_STANDARD, &registration), "git_stream_register")
    }

    private static func make(
        _ stream: UnsafeMutablePointer<UnsafeMutablePointer<git_stream>?>, host: String, port: String
    ) -> Int32 {
        let isAllowed = shared.withLock { shared in
            let origin = shared.origin ?? (host, port)
            shared.origin = origin
            return origin == (host, port)
        }
        guard isAllowed else { return fail(FetchFailure(.redirected, "\(host):\(port)")) }
        let socket = UnsafeMutablePointer<PinnedSocket>.allocate(capacity: 1)
        socket.initialize(to: PinnedSocket(host: host, port: port))
        // SAFETY: the first member is a `git_stream`, so that it has the address of the whole.
        stream.pointee = UnsafeMutableRawPointer(socket).assumingMemoryBound(to: git_stream.self)
        return 0
    }

    /// Keeps the reason for the report; the library is told that the network failed.
    private static func fail<Result: SignedInteger>(_ failure: FetchFailure) -> Result {
        shared.withLock { $0.failure = failure }
        git_error_set_str(Int32(GIT_ERROR_NET.rawValue), failure.detail)
        return -1
    }

    private static func fail<Result: SignedInteger>(_ text: String) -> Result {
        fail(FetchFailure(.unreachable, text))
    }
}

extension PinnedSocket {
    /// Tries the addresses of the host in the resolver's order.
    private mutating func connect() -> Int32 {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var addresses: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, port, &hints, &addresses)
        guard status == 0 else { return Self.fail("\(host) has no address: \(String(cString: gai_strerror(status)))") }
        defer { freeaddrinfo(addresses) }

        var problem = "\(host) has no address"
        var next = addresses
        while let address = next?.pointee {
            next = address.ai_next
            let code = connect(to: address)
            guard code != 0 else { return 0 }
            problem = "cannot connect to \(host):\(port): \(String(cString: strerror(code)))"
        }
        return Self.fail(problem)
    }

    /// Zero or the system's error code.
    private mutating func connect(to address: addrinfo) -> Int32 {
        let kind = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let candidate = socket(address.ai_family, kind, address.ai_protocol)
        guard candidate >= 0 else { return errno }
        var code: Int32 = 0
        if Glibc.connect(candidate, address.ai_addr, address.ai_addrlen) != 0 {
            code = errno == EINPROGRESS ? Self.awaitConnection(candidate) : errno
        }
        guard code == 0 else {
            _ = Glibc.close(candidate)
            return code
        }
        // The daemon's deadline ends whatever blocks from here on.
        _ = fcntl(candidate, F_SETFL, fcntl(candidate, F_GETFL) & ~O_NONBLOCK)
        var yes: Int32 = 1
        _ = setsockopt(candidate, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        descriptor = candidate
        return 0
    }

    private static func awaitConnection(_ candidate: Int32) -> Int32 {
        var wait = pollfd(fd: candidate, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, connectTimeoutMs) == 1 else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(candidate, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    private mutating func read(_ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        while true {
            let received = recv(descriptor, buffer, count, 0)
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { return Self.fail("\(host): \(String(cString: strerror(errno)))") }
            let isWithinLimit = Self.shared.withLock { shared in
                shared.receivedBytes += received
                return shared.receivedBytes <= shared.receivedBytesMax
            }
            return isWithinLimit ? received : Self.fail(FetchFailure(.receivedBytesLimit))
        }
    }

    private mutating func write(_ buffer: UnsafePointer<CChar>?, _ count: Int) -> Int {
        while true {
            let sent = send(descriptor, buffer, count, Int32(MSG_NOSIGNAL))
            if sent < 0, errno == EINTR { continue }
            return sent >= 0 ? sent : Self.fail("\(host): \(String(cString: strerror(errno)))")
        }
    }

    private mutating func close() -> Int32 {
        defer { descriptor = -1 }
        return descriptor < 0 ? 0 : Glibc.close(descriptor)
    }
}
