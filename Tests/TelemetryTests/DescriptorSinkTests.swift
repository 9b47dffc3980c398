import Foundation
import JSON
import Telemetry
import Testing

@Suite struct DescriptorSinkTests {
    /// A pipe that does not block for its writer when told so.
    private final class Channel: Sendable {
        private let reader: FileHandle
        private let writing: FileHandle
        var writer: Int32 { writing.fileDescriptor }

        init(isBlocking: Bool) throws {
            let pipe = Pipe()
            (reader, writing) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
            if !isBlocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
        }

        /// Closes the writer's end.
        func end() { try? writing.close() }

        /// Closes the reader's end.
        func hangUp() { try? reader.close() }

        /// Everything until the writer's end is closed; read on a thread of its own, since a stuck writer may hold
        /// all others.
        func bytesToEnd() async -> [UInt8] {
            await withCheckedContinuation { continuation in
                Thread { continuation.resume(returning: Array(self.reader.readDataToEndOfFile())) }.start()
            }
        }

        /// What is in the pipe now.
        func drain() -> [UInt8] {
            var bytes: [UInt8] = []
            var request = pollfd(fd: reader.fileDescriptor, events: Int16(POLLIN), revents: 0)
            while poll(&request, 1, 0) > 0 {
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = read(reader.fileDescriptor, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer.prefix(count)
            }
            return bytes
        }
    }

    @Test(arguments: [true, false])
    func `lines of many threads never mix`(_ isBlocking: Bool) async throws {
        let channel = try Channel(isBlocking: isBlocking)
        let output = LogOutput(
            format: JSONLogFormat(), sink: DescriptorSink(channel.writer, stallMax: .seconds(30)))
        let logger = Telemetry.Logger(writingTo: output)
        let (writers, each) = (8, 100)
        async let lines = channel.bytesToEnd()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for index in 0..<each {
                        logger.emit(
                            .actionStarted, "started",
                            [.name: "w\(writer)", .attempt: index, .error: String(repeating: "x", count: 97 * index)])
                        await Task.yield()
                    }
                }
            }
        }
        channel.end()
        var seen: [String: Int] = [:]
        for line in await lines.split(separator: 0x0A) {
            let object = try JSONReader.read(Array(line))
            let name = try #require(object["name"]?.string)
            #expect(object["attempt"]?.number?.int == seen[name, default: 0])
            seen[name, default: 0] += 1
        }
        #expect(seen.count == writers && seen.values.allSatisfy { $0 == each })
        #expect(output.lostLines == 0)
    }

    @Test(arguments: [true, false])
    func `a stuck reader loses lines, never blocks for long, and the next line begins anew`(_ isBlocking: Bool) throws {
        let channel = try Channel(isBlocking: isBlocking)
        let output = LogOutput(
            format: JSONLogFormat(), sink: DescriptorSink(channel.writer, stallMax: .milliseconds(20)))
        let logger = Telemetry.Logger(writingTo: output)
        let start = ContinuousClock.now
        for index in 0..<200 {
            // Three pages of a pipe that has sixteen, so that one line gets stuck in its middle.
            logger.emit(.actionStarted, "started", [.attempt: index, .error: String(repeating: "x", count: 9_000)])
        }
        #expect(ContinuousClock.now - start < .seconds(5))
        let lost = output.lostLines
        #expect(lost > 100)

        let before = channel.drain()
        logger.emit(.daemonReady, "back")
        let after = channel.drain()
        #expect(output.lostLines == 0)
        let lines = (before + after).split(separator: 0x0A)
        let last = try JSONReader.read(Array(try #require(lines.last)))
        #expect(last["msg"] == "back" && last["lost_lines"]?.number?.int == lost)
        let whole = lines.filter { (try? JSONReader.read(Array($0))) != nil }
        #expect(whole.count == 200 - lost + 1)
        #expect(lines.count - whole.count == 1, "the line in which the reader got stuck is cut, and no other")
    }

    @Test func `a reader that went away is no signal and no wait`() throws {
        let channel = try Channel(isBlocking: true)
        let sink = DescriptorSink(channel.writer)
        channel.hangUp()
        #expect(!sink.write(Array("gone\n".utf8)))
        #expect(!sink.write(Array("still gone\n".utf8)))
    }

    @Test func `lines that were lost are counted on the next one`() {
        let log = CapturedLog()
        log.sink.close(true)
        for _ in 0..<3 { log.logger.emit(.daemonReady, "ready") }
        log.sink.close(false)
        log.logger.emit(.daemonReady, "ready")
        log.logger.emit(.daemonReady, "ready")
        #expect(log.sink.texts.map { $0.contains(#""lost_lines":3"#) } == [true, false])
    }
}
