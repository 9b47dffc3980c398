import Foundation
import Logging
import Telemetry
import TestSupport
import Testing

@Suite struct JournaldLogFormatTests {
    /// Reads a datagram as the journal does.
    private func fields(_ datagram: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        var rest = datagram[...]
        while !rest.isEmpty {
            let end = try #require(rest.firstIndex(of: UInt8(ascii: "\n")))
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                fields[String(decoding: line[..<equals], as: UTF8.self)] = String(
                    decoding: line[(equals + 1)...], as: UTF8.self)
            } else {
                let length = Int(rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
                let value = rest.dropFirst(8).prefix(length)
                fields[String(decoding: line, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
                rest = rest.dropFirst(8 + length)
                #expect(rest.first == UInt8(ascii: "\n"))
                rest = rest.dropFirst()
            }
        }
        return fields
    }

    @Test func `an event arrives at a journal's socket with its fields`() throws {
        let journal = try DatagramReceiver()
        let output = LogOutput(format: JournaldLogFormat(), sink: try JournalSink(path: journal.path))
        Telemetry.Logger(writingTo: output).emit(
            .actionFailed, "install update refused",
            [.kind: "Install", .name: "checkout-eu", .httpStatus: 409, .error: "a\nb=c\nPRIORITY=0"])
        let datagram = try #require(journal.next())
        #expect(
            try fields(datagram) == [
                "MESSAGE": "install update refused", "MESSAGE_ID": Event.actionFailed.messageID, "PRIORITY": "3",
                "SYSLOG_IDENTIFIER": "akua-gitops", "AKUA_V": "1",
                "AKUA_LEVEL": "error", "AKUA_EVENT": "action.failed", "AKUA_KIND": "Install",
                "AKUA_NAME": "checkout-eu",
                "AKUA_HTTP_STATUS": "409", "AKUA_ERROR": "a\nb=c\nPRIORITY=0",
            ])
    }

    @Test(arguments: 0..<10)
    func `S12: ten thousand hostile texts arrive as they were, and add no field`(_ part: UInt64) throws {
        var generator = SeededGenerator(seed: 0x10C + part)
        let log = CapturedLog(JournaldLogFormat())
        let hostile = (0..<1_000).map { _ in HostileText.make(using: &generator) }
        for value in hostile { log.logger.emit(.sourceFetched, "fetched", [.subject: value]) }
        for (datagram, value) in zip(log.sink.entries, hostile) {
            let fields = try fields(datagram)
            #expect(fields["AKUA_SUBJECT"].map { Array($0.utf8) } == Array(value.utf8))
            #expect(fields.count == 8)
        }
    }

    @Test func `a library's name of a field is made one that the journal takes`() throws {
        let log = CapturedLog(JournaldLogFormat())
        log.logger.info("x", metadata: ["hb.request-id": "7", "\(String(repeating: "ü", count: 99))": "long"])
        let fields = try fields(log.sink.entries[0])
        #expect(fields["AKUA_HB_REQUEST_ID"] == "7")
        #expect(fields.keys.allSatisfy { $0.utf8.count <= 64 })
    }

    @Test func `no journal is an error that names the socket`() {
        let error = #expect(throws: DatagramError.self) { try JournalSink(path: "/nonexistent/journal") }
        #expect(error?.description == "can't send to the socket /nonexistent/journal: No such file or directory")
    }

    @Test func `a journal that went away loses lines and is found again`() throws {
        let log: LogOutput
        let path: String
        do {
            let journal = try DatagramReceiver()
            path = journal.path
            log = LogOutput(format: JournaldLogFormat(), sink: try JournalSink(path: path))
        }
        Telemetry.Logger(writingTo: log).emit(.daemonReady, "ready")
        #expect(log.lostLines == 1)
    }
}
