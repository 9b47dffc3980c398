import Glibc

/// Bytes that must not be seen: they do not print, and their memory is overwritten when the last owner is gone (I11).
package struct Secret: Sendable {
    private let storage: Storage

    /// Copies the bytes; those of the argument remain the caller's to forget.
    package init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }

    /// Lends the bytes for the length of a call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(storage.buffer)) }
    }

    /// The same for a call that waits.
    func lend<Result>(_ body: (UnsafeRawBufferPointer) async throws -> Result) async throws -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try await body(UnsafeRawBufferPointer(storage.buffer))
    }

    private final class Storage: Sendable {
        // SAFETY: written in `init` only, read while the object lives, and freed by `deinit` alone.
        nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

        init(_ bytes: some Collection<UInt8>) {
            buffer = .allocate(byteCount: bytes.count, alignment: 1)
            buffer.copyBytes(from: bytes)
        }

        deinit {
            // An optimiser may leave out a plain loop over memory that is freed next.
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a git server is shown when it asks.
package struct GitCredentials: Sendable {
    /// Nil where the password is a token that needs none; `git` is sent then.
    package var username: String?
    package var password: Secret

    package init(username: String?, password: Secret) {
        self.username = username
        self.password = password
    }
}
