import CGit2

/// A libgit2 call that did not succeed.
///
/// libgit2 keeps the text of a failure for each thread and overwrites it with the next one, so it is read here, at once,
/// and by no one else.
package struct LibGit2Error: Error, Equatable, Sendable {
    /// The C function.
    package var call: String
    /// `git_error_code`; codes of later versions survive.
    package var code: Int32
    /// `git_error_t`: which part of the library failed.
    package var category: UInt32
    /// The library's own words, without control characters and at most 500 bytes.
    package var message: String

    package init(call: String, code: Int32, category: UInt32, message: String) {
        self.call = call
        self.code = code
        self.category = category
        self.message = message
    }

    /// Throws when the status is a failure.
    package static func check(_ status: Int32, _ call: String) throws(LibGit2Error) {
        guard status < 0 else { return }
        throw LibGit2Error(call: call, code: status)
    }

    /// The pointer that a C constructor stores in its first argument.
    package static func made(
        by call: String, _ construct: (inout OpaquePointer?) -> Int32
    ) throws(LibGit2Error) -> OpaquePointer {
        var pointer: OpaquePointer?
        try check(construct(&pointer), call)
        guard let pointer else {
            throw LibGit2Error(call: call, code: GIT_ERROR.rawValue, category: 0, message: "nothing was made")
        }
        return pointer
    }

    /// The failure of the call that has just returned `code` on this thread.
    private init(call: String, code: Int32) {
        guard let last = git_error_last(), let text = last.pointee.message else {
            self.init(call: call, code: code, category: 0, message: "no reason given")
            return
        }
        self.init(
            call: call, code: code, category: UInt32(bitPattern: last.pointee.klass),
            message: String(cString: text).cleaned(bytesMax: 500))
    }
}

extension LibGit2Error: CustomStringConvertible {
    package var description: String { "\(call) failed (\(code)): \(message)" }
}

extension String {
    /// The text on one line, without control characters, cut to a number of bytes of UTF-8 at a character's end.
    package func cleaned(bytesMax: Int) -> String {
        var result = ""
        var bytes = 0
        for character in self {
            let isControl = character.unicodeScalars.contains { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
                default: false
                }
            }
            let clean: Character = isControl ? " " : character
            bytes += clean.utf8.count
            guard bytes <= bytesMax else { return result }
            result.append(clean)
        }
        return result
    }
}
