import Foundation
import GitPlumbing

@testable import GitSource

extension FuzzTarget {
    static let git = [
        FuzzTarget("remote-url", "a remote that is taken or complained about shows no user and no password") { input in
            let text = input.text
            do {
                let url = try RemoteURL(text)
                switch url.remote {
                case .path(let path): try require(path.hasPrefix("/"), "\(text) is the path \(path)")
                case .url(let url):
                    try require(!authority(of: url).contains(UInt8(ascii: "@")), "\(url) holds a user")
                    try require(url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }, url.debugDescription)
                }
            } catch let error as GitError {
                let authority = authority(of: text)
                guard let end = authority.lastIndex(of: UInt8(ascii: "@")), end > authority.startIndex + 7 else {
                    return
                }
                let user = Array(authority[..<end])
                // What stands behind the last `@` too is no secret to this property.
                guard Array(text.utf8).ranges(of: user).count == 1 else { return }
                try require(Array(error.description.utf8).ranges(of: user).isEmpty, "\(error) shows who asks")
            }
        },
        FuzzTarget("entry-name", "a path of names leads down only, and a revision is written as it was read") { input in
            let lines = input.lines(2)
            if let path = try? SourcePath(lines[0]) {
                for part in path.parts {
                    try require(!part.utf8.contains(UInt8(ascii: "/")) && !part.isEmpty, "\(lines[0]): \(part)")
                    try require(![".", "..", ".git"].contains(part.lowercased()), "\(lines[0]): \(part)")
                }
                try require(try SourcePath(path.parts.joined(separator: "/")) == path, "\(lines[0]) is read otherwise")
            }
            if let revision = Revision(lines[1]) {
                try require(revision.description.isSpelt(as: lines[1]), "\(lines[1]) has become \(revision)")
                let again = CommitID(revision.commit.description)
                try require(again == revision.commit, "\(revision.commit) is read otherwise")
            }
        },
        FuzzTarget("fetch-message", "what the fetch child says or is told is written as it was read") { input in
            if let report = try? FetchReport(decoding: input) {
                let again = try FetchReport(decoding: report.encoded)
                try require(again == report, "\(report) has become \(again)")
            }
            if let request = try? FetchRequest(decoding: input) {
                let again = try FetchRequest(decoding: request.encoded)
                try require(again == request, "\(request.directory) is read otherwise")
            }
            for end in [input.count / 2, max(0, input.count - 1)] {
                guard let whole = try? Records.read(input) else { break }
                let cut = try Records.read(Array(input[..<end]))
                let isPrefix = zip(cut, whole).allSatisfy { $0.key == $1.key && $0.value == $1.value }
                try require(cut.count <= whole.count && isPrefix, "cut off at \(end) it says something else")
            }
        },
    ]

    /// What stands between the scheme and the path.
    private static func authority(of url: String) -> ArraySlice<UInt8> {
        let bytes = Array(url.utf8)
        guard let start = bytes.firstRange(of: Array("://".utf8))?.upperBound else { return [] }
        return bytes[start...].prefix { $0 != UInt8(ascii: "/") }
    }
}
