import Foundation

/// Where a secret is read from, each time it is needed: a rotated one is taken up without a restart, and none is kept.
///
/// Holds I11 and S10: a file that its group or others can read is refused.
package struct SecretSource: Sendable {
    private enum Origin: Hashable, Sendable {
        case file(String)
        /// A file in a directory that systemd did not give us.
        case unset(variable: String)
        /// Given in the environment, which keeps it anyway.
        case text(String, variable: String)
    }

    /// The largest file that is taken for a secret, in bytes.
    package static let bytesMax = 64 << 10

    private let origin: Origin

    package static func file(_ path: String) -> SecretSource { SecretSource(origin: .file(path)) }
    static func unset(variable: String) -> SecretSource { SecretSource(origin: .unset(variable: variable)) }
    static func text(_ text: String, variable: String) -> SecretSource {
        SecretSource(origin: .text(text, variable: variable))
    }

    /// The secret, without the newline that its file may end with.
    ///
    /// Forget the bytes as soon as they are used.
    package func read() throws(SecretError) -> [UInt8] {
        switch origin {
        case .file(let path): return try Self.checked(try Self.contents(of: path), from: path)
        case .unset(let variable): throw .unset(variable: variable)
        case .text(let text, let variable): return try Self.checked(Array(text.utf8), from: variable)
        }
    }

    private static func contents(of path: String) throws(SecretError) -> [UInt8] {
        // The file that a link leads to is what has to be private.
        let file = URL(filePath: path).resolvingSymlinksInPath()
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw SecretError.notAFile(path: path)
            }
            let mode = attributes[.posixPermissions] as? Int ?? 0o777
            guard mode & 0o077 == 0 else { throw SecretError.exposed(path: path, mode: mode & 0o777) }
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            return Array(try handle.read(upToCount: bytesMax + 1) ?? Data())
        } catch let error as SecretError {
            throw error
        } catch let error as CocoaError where error.code == .fileNoSuchFile || error.code == .fileReadNoSuchFile {
            throw .missing(path: path)
        } catch {
            throw .unreadable(path: path)
        }
    }

    private static func checked(_ bytes: [UInt8], from place: String) throws(SecretError) -> [UInt8] {
        guard bytes.count <= bytesMax else { throw .tooLong(place: place) }
        var secret = bytes[...]
        while secret.last == UInt8(ascii: "\n") || secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        guard !secret.isEmpty else { throw .empty(place: place) }
        guard secret.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .notOneLine(place: place) }
        return Array(secret)
    }
}

extension SecretSource: Hashable {}

extension SecretSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where it is, never what it is.
    package var description: String {
        switch origin {
        case .file(let path): path
        case .unset(let variable): "${\(variable)}"
        case .text(_, let variable): "$\(variable)"
        }
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a secret could not be read; nothing of the secret is in it.
package enum SecretError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(path: String)
    case unreadable(path: String)
    case notAFile(path: String)
    case exposed(path: String, mode: Int)
    case unset(variable: String)
    case tooLong(place: String)
    case empty(place: String)
    case notOneLine(place: String)

    package var description: String {
        switch self {
        case .missing(let path): "there is no file \(path)"
        case .unreadable(let path): "the file \(path) can't be read by this user"
        case .notAFile(let path): "\(path) is not a file"
        case .exposed(let path, let mode):
            "the file \(path) can be read by others than its owner (mode 0\(String(mode, radix: 8))); chmod 600 it, and "
                + "replace the secret if they may have seen it"
        case .unset(let variable):
            "the variable \(variable) is not set; systemd sets it for its services, elsewhere give the path itself"
        case .tooLong(let place): "\(place) holds more than \(SecretSource.bytesMax) bytes, which is no secret"
        case .empty(let place): "\(place) is empty"
        case .notOneLine(let place): "\(place) holds more than one line, or a control character"
        }
    }
}
