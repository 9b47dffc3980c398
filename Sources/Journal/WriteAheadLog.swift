import Foundation

/// What is left of SQLite's write-ahead log, read before SQLite reads it.
///
/// SQLite takes the log up to the first frame that does not add up and drops the rest without a word: right for a
/// commit that was being written when the power failed, wrong for commits that were acknowledged and then damaged.
/// This tells the two apart as far as can be, in favour of the alarm. The format is SQLite's, documented at
/// https://sqlite.org/fileformat2.html#the_write_ahead_log and stable.
enum WriteAheadLog: Equatable {
    /// No file, or one without frames.
    case empty
    /// Every frame of the current generation adds up, and the last commit ends at this byte; 0 where there is none.
    case whole(end: Int)
    /// A header or a frame of the current generation does not add up: what was committed there or after it is lost.
    case cut

    private static let headerSize = 32
    private static let frameHeaderSize = 24

    /// Reads the file frame by frame; nil when there is none.
    static func inspect(path: String) throws(JournalError) -> WriteAheadLog? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }  // Read only: nothing can be lost.
            return try inspect(file)
        } catch {
            throw JournalError(cause: .inputOutput(error.problem), path: path)
        }
    }

    /// Takes away what lies behind the last commit: frames of one that a kill left unfinished, or of an earlier generation.
    ///
    /// SQLite drops them too, but writes over them bit by bit: what the next kill then leaves would look like damage.
    static func trim(path: String, to end: Int) throws(JournalError) {
        do {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            defer { try? file.close() }  // Nothing is lost with a descriptor: the next opening looks again.
            if try file.seekToEnd() > UInt64(end) { try file.truncate(atOffset: UInt64(end)) }
        } catch {
            throw JournalError(cause: .inputOutput(error.problem), path: path)
        }
    }

    private static func inspect(_ file: FileHandle) throws -> WriteAheadLog {
        guard let header = try file.read(upToCount: headerSize).map({ [UInt8]($0) }), header.count == headerSize else {
            return .empty
        }
        let magic = word(header, at: 0)
        let pageSize = Int(word(header, at: 8))
        var sum = Sum(isBigEndian: magic & 1 == 1)
        sum.add(header[..<24])
        guard magic & ~1 == 0x377F_0682, (512...65_536).contains(pageSize), sum.matches(header[24...]) else {
            return .cut
        }
        var frame = try file.read(upToCount: frameHeaderSize + pageSize).map { [UInt8]($0) }
        var isWhole = true
        var (count, end) = (0, 0)
        while let bytes = frame, bytes.count == frameHeaderSize + pageSize {
            // Both salts differ in frames that an earlier generation left behind; damage spares at least one.
            let isCurrent = bytes[8..<12] == header[16..<20] || bytes[12..<16] == header[20..<24]
            guard isWhole || !isCurrent else { return .cut }
            sum.add(bytes[..<8])
            sum.add(bytes[24...])
            if bytes[8..<16] == header[16..<24], sum.matches(bytes[16..<24]) {
                count += 1
                // The last frame of a commit has the size of the database after it.
                if word(bytes, at: 4) != 0 { end = headerSize + count * (frameHeaderSize + pageSize) }
            } else {
                if isCurrent { return .cut }
                isWhole = false
            }
            frame = try file.read(upToCount: frameHeaderSize + pageSize).map { [UInt8]($0) }
        }
        return count == 0 ? .empty : .whole(end: end)
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// SQLite's running checksum over pairs of 32-bit words.
    private struct Sum {
        let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            for offset in stride(from: bytes.startIndex, to: bytes.endIndex, by: 8) {
                first = first &+ word(bytes, at: offset) &+ second
                second = second &+ word(bytes, at: offset + 4) &+ first
            }
        }

        /// Whether the eight bytes, which are big-endian whatever the words are, hold this sum.
        func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
            let stored = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return stored == UInt64(first) << 32 | UInt64(second)
        }

        private func word(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
            let (a, b) = (UInt32(bytes[offset]), UInt32(bytes[offset + 1]))
            let (c, d) = (UInt32(bytes[offset + 2]), UInt32(bytes[offset + 3]))
            return isBigEndian ? a << 24 | b << 16 | c << 8 | d : d << 24 | c << 16 | b << 8 | a
        }
    }
}
