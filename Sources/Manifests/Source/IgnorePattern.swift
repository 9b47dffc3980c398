/// One line of an ignore file in the syntax of gitignore.
struct IgnorePattern: Sendable {
    /// Begins with `!`: what matches is taken back in.
    let isNegated: Bool
    /// Ends with `/`: matches folders only.
    private let isFolderOnly: Bool
    /// Has a slash before its end: matches from the ignore file's folder on, not at any depth.
    private let isAnchored: Bool
    /// Between slashes; `**` is nil.
    private let parts: [[UInt8]?]

    /// The pattern of a line, or nil when the line is empty or a comment.
    init?(line: Substring) {
        var bytes = Array(line.utf8)
        if bytes.last == 0x0D { bytes.removeLast() }
        Self.trimTrailingSpaces(&bytes)
        guard let first = bytes.first, first != UInt8(ascii: "#") else { return nil }
        isNegated = first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        isFolderOnly = bytes.last == UInt8(ascii: "/")
        if isFolderOnly { bytes.removeLast() }
        isAnchored = bytes.contains(UInt8(ascii: "/"))
        if bytes.first == UInt8(ascii: "/") { bytes.removeFirst() }
        guard !bytes.isEmpty else { return nil }
        parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            $0.elementsEqual("**".utf8) ? nil : Array($0)
        }
    }

    /// Spaces at the end do not count unless a backslash stands before them.
    private static func trimTrailingSpaces(_ bytes: inout [UInt8]) {
        while bytes.last == 0x20 {
            let backslashes = bytes.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            guard backslashes.isMultiple(of: 2) else { return }
            bytes.removeLast()
        }
    }

    /// Whether the pattern is about this path, given as its parts below the ignore file's folder.
    func matches(_ path: ArraySlice<[UInt8]>, isFolder: Bool) -> Bool {
        guard isFolder || !isFolderOnly, let name = path.last else { return false }
        guard isAnchored else {
            return parts.first.map { part in part.map { Glob($0).matches(name) } ?? true } ?? false
        }
        return matchesWhole(path, isFolder: isFolder)
    }

    /// Part by part; on a mismatch the last `**` takes one part more, which is all the going back that is ever needed.
    private func matchesWhole(_ path: ArraySlice<[UInt8]>, isFolder: Bool) -> Bool {
        var (part, position) = (0, path.startIndex)
        var retry: (part: Int, position: Int)?
        while position < path.endIndex {
            if part < parts.count {
                guard let glob = parts[part] else {
                    // `a/**` is what is inside of a, not a itself.
                    if part == parts.count - 1 { return true }
                    retry = (part + 1, position)
                    part += 1
                    continue
                }
                if Glob(glob).matches(path[position]) {
                    part += 1
                    position += 1
                    continue
                }
            }
            guard let last = retry else { return false }
            part = last.part
            position = last.position + 1
            retry = (last.part, position)
        }
        return part == parts.count
    }
}

/// A shell pattern for one part of a path: `*`, `?`, `[...]` and backslashes.
struct Glob {
    private let pattern: [UInt8]

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    /// Whether all of `text` matches; on a mismatch the last `*` takes one byte more, so the work is at most the
    /// product of both lengths.
    func matches(_ text: [UInt8]) -> Bool {
        var (position, offset) = (0, 0)
        var retry: (position: Int, offset: Int)?
        while offset < text.count {
            if position < pattern.count {
                if pattern[position] == UInt8(ascii: "*") {
                    position += 1
                    retry = (position, offset)
                    continue
                }
                if let next = step(position, text[offset]) {
                    position = next
                    offset += 1
                    continue
                }
            }
            guard let last = retry else { return false }
            position = last.position
            offset = last.offset + 1
            retry = (position, offset)
        }
        return pattern[position...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Where the pattern goes on after the element at `position` has matched `byte`; nil when it does not match.
    private func step(_ position: Int, _ byte: UInt8) -> Int? {
        switch pattern[position] {
        case UInt8(ascii: "?"): return position + 1
        case UInt8(ascii: "["):
            guard let set = set(at: position) else { return nil }
            return set.contains(byte) ? set.end : nil
        case UInt8(ascii: "\\"):
            guard position + 1 < pattern.count else { return nil }
            return pattern[position + 1] == byte ? position + 2 : nil
        default: return pattern[position] == byte ? position + 1 : nil
        }
    }

    private struct ByteSet {
        var isNegated = false
        var ranges: [ClosedRange<UInt8>] = []
        var end = 0

        func contains(_ byte: UInt8) -> Bool { ranges.contains { $0.contains(byte) } != isNegated }
    }

    /// The set that begins at `position`; nil when it is never closed, and then nothing matches it.
    private func set(at start: Int) -> ByteSet? {
        var set = ByteSet()
        var position = start + 1
        func byte(_ offset: Int) -> UInt8? { offset < pattern.count ? pattern[offset] : nil }
        if byte(position) == UInt8(ascii: "!") || byte(position) == UInt8(ascii: "^") {
            set.isNegated = true
            position += 1
        }
        var isFirst = true
        while var low = byte(position), low != UInt8(ascii: "]") || isFirst {
            isFirst = false
            if low == UInt8(ascii: "["), let (name, end) = Self.className(in: pattern, at: position) {
                guard let ranges = Self.classes[name] else { return nil }
                set.ranges += ranges
                position = end
                continue
            }
            if low == UInt8(ascii: "\\") {
                position += 1
                guard let escaped = byte(position) else { return nil }
                low = escaped
            }
            position += 1
            guard byte(position) == UInt8(ascii: "-"), var high = byte(position + 1), high != UInt8(ascii: "]") else {
                set.ranges.append(low...low)
                continue
            }
            position += 2
            if high == UInt8(ascii: "\\") {
                guard let escaped = byte(position) else { return nil }
                high = escaped
                position += 1
            }
            if low <= high { set.ranges.append(low...high) }
        }
        guard byte(position) == UInt8(ascii: "]") else { return nil }
        set.end = position + 1
        return set
    }

    /// The name in `[:name:]` and where the pattern goes on behind it.
    private static func className(in pattern: [UInt8], at start: Int) -> (String, end: Int)? {
        guard pattern[start...].starts(with: "[:".utf8) else { return nil }
        let rest = pattern[(start + 2)...]
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), pattern[colon...].starts(with: ":]".utf8) else {
            return nil
        }
        return (String(decoding: rest[..<colon], as: UTF8.self), colon + 2)
    }

    private static let classes: [String: [ClosedRange<UInt8>]] = {
        let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
        return [
            "alnum": [lower, upper, digit], "alpha": [lower, upper], "blank": [0x20...0x20, 0x09...0x09],
            "cntrl": [0...0x1F, 0x7F...0x7F], "digit": [digit], "graph": [0x21...0x7E], "lower": [lower],
            "print": [0x20...0x7E], "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E],
            "space": [0x20...0x20, 0x09...0x0D], "upper": [upper],
            "xdigit": [digit, UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F")],
        ]
    }()
}
