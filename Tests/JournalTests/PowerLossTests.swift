import Foundation
import TestSupport
import Testing

@testable import Journal

/// R3: the power fails between any two calls to the disk.
///
/// What was not flushed is lost, or half of it is, or one sector
/// is torn; what was acknowledged is there (I4), and each commit is there whole or not at all.
struct PowerLossTests {
    enum Loss: CaseIterable, Sendable { case all, half, torn }

    @Test(arguments: Loss.allCases)
    func `an acknowledged commit survives the loss of everything that was not flushed`(_ loss: Loss) async throws {
        let events = try await Self.events
        var random = Seed(1)
        var files = Files()
        var acknowledged: [String] = []
        let crashes = events.map { event in
            files.apply(event)
            if case .acknowledged(let number) = event { acknowledged.append("i-\(number)") }
            return (files.afterPowerLoss(loss, using: &random), acknowledged)
        }
        try await sideBySide(crashes.indices) { crash in
            let (files, acknowledged) = crashes[crash]
            let scratch = try Scratch()
            for (name, bytes) in files { try scratch.write(bytes, to: name) }
            let comment: Comment = "\(loss) after call \(crash) of \(events.count)"
            let opened = try Journal.open(directory: scratch.path, now: Sample.now)
            // A journal of which nothing was acknowledged may be a file that was never finished.
            #expect(opened.replaced == nil || acknowledged.isEmpty, comment)
            let objects = Set(try await opened.journal.objects(of: "platform").map(\.identity.name))
            let intents = Set(try await opened.journal.unsettledIntents(of: "platform").map(\.identity.name))
            #expect(objects == intents, comment)
            #expect(objects.isSuperset(of: acknowledged), comment)
        }
    }

    /// A journal's life: begun, written, tidied, written, closed, opened and written again.
    private static var events: [Disk.Event] {
        get async throws {
            let scratch = try Scratch()
            let disk = Disk(watching: scratch.path)
            defer { disk.stop() }
            disk.record()
            var number = 0
            for life in 0..<2 {
                let journal = try scratch.open()
                for _ in 0..<4 {
                    let name = "i-\(number)"
                    try await journal.commit([
                        .object(try Sample.object(name)), .intent(try Sample.intent("int-\(number)", name)),
                    ])
                    disk.note(.acknowledged(number))
                    number += 1
                    if number == 2 { try await journal.prune(now: Sample.now) }
                }
                if life == 0 { journal.close() }
            }
            return disk.events
        }
    }
}

/// Files on a disk that forgets what was not flushed.
private struct Files {
    private var durable: [String: [UInt8]] = [:]
    /// In the order of the calls; a power loss may keep any of them.
    private var pending: [String: [Disk.Event]] = [:]

    mutating func apply(_ event: Disk.Event) {
        switch event {
        case .write(let file, _, _), .truncate(let file, _): pending[file, default: []].append(event)
        case .sync(let file):
            for event in pending.removeValue(forKey: file) ?? [] { Self.apply(event, to: &durable[file, default: []]) }
        case .delete(let file):
            pending[file] = nil
            durable[file] = nil
        case .acknowledged: break
        }
    }

    func afterPowerLoss(_ loss: PowerLossTests.Loss, using random: inout Seed) -> [String: [UInt8]] {
        var files = durable
        for (file, events) in pending.sorted(by: { $0.key < $1.key }) {
            let torn = Int.random(in: 0..<events.count, using: &random)
            for (position, event) in events.enumerated() {
                switch loss {
                case .all: break
                case .half:
                    if Bool.random(using: &random) { Self.apply(event, to: &files[file, default: []]) }
                case .torn:
                    let kept = position == torn ? event.torn : event
                    if let kept { Self.apply(kept, to: &files[file, default: []]) }
                }
            }
        }
        return files
    }

    private static func apply(_ event: Disk.Event, to file: inout [UInt8]) {
        switch event {
        case .write(_, let offset, let bytes):
            let missing = offset + bytes.count - file.count
            if missing > 0 { file.append(contentsOf: [UInt8](repeating: 0, count: missing)) }
            file.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyBytes(from: bytes)
            }
        case .truncate(_, let size):
            if file.count > size { file.removeLast(file.count - size) }
        case .sync, .delete, .acknowledged: break
        }
    }
}

extension Disk.Event {
    /// The first sector of a write, nil of anything else.
    fileprivate var torn: Disk.Event? {
        guard case .write(let file, let offset, let bytes) = self else { return nil }
        return .write(file: file, offset: offset, bytes: Array(bytes.prefix(512)))
    }
}
