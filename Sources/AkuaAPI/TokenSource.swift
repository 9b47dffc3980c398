import Synchronization

/// The token in use, and where a newer one comes from.
final class TokenSource: Sendable {
    private let read: @Sendable () throws -> Secret
    private let current = Mutex<Secret?>(nil)

    init(_ read: @escaping @Sendable () throws -> Secret) { self.read = read }

    /// The token to use, read at its first use.
    func token() throws -> Secret {
        try current.withLock { current in
            if let current { return current }
            let token = try read()
            current = token
            return token
        }
    }

    /// A token other than `refused`, if there is one by now: read anew, unless another call has done so meanwhile.
    func successor(of refused: Secret) throws -> Secret? {
        try current.withLock { current in
            if current == refused { current = try read() }
            return current == refused ? nil : current
        }
    }
}
