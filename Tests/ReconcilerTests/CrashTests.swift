import AkuaModel
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import TestSupport
import Testing

/// The small road of one package and installs, with the daemon killed at every request in turn.
@Suite struct CrashTests {
    /// Declarations, one commit after another.
    private static let road: [DesiredState] = [
        Declaration().package("checkout", versions: ["1.3.0", "1.4.0"]).cluster("prod")
            .install("postgres", of: "checkout", "1.3.0", cluster: "prod")
            .install("shop", of: "checkout", "1.3.0", cluster: "prod", dependsOn: ["postgres"]).state,
        Declaration().package("checkout", versions: ["1.3.0", "1.4.0"]).cluster("prod")
            .install("postgres", of: "checkout", "1.3.0", cluster: "prod")
            .install("shop", of: "checkout", "1.4.0", cluster: "prod", dependsOn: ["postgres"])
            .install("extra", of: "checkout", "1.4.0").state,
        Declaration().package("checkout", versions: ["1.3.0", "1.4.0"]).cluster("prod")
            .install("shop", of: "checkout", "1.4.0", cluster: "prod")
            .install("extra", of: "checkout", "1.4.0").state,
    ]

    private struct Undisturbed {
        var fingerprint: [String]
        var counts: [String: Int]
        var calls: Int
    }

    /// The road without faults: what every disturbed run must come to.
    private func undisturbed() async throws -> Undisturbed {
        let world = try World()
        var calls = 0
        let counter = Counter()
        for desired in Self.road {
            world.repository.commit(desired)
            let report = try await world.pass(fault: { _, _ in
                counter.increment()
                return nil
            })
            #expect(report.outcome == .changed, "\(report)")
        }
        calls = counter.value
        return Undisturbed(fingerprint: world.fingerprint, counts: world.effectCounts, calls: calls)
    }

    @Test func `I5: a second pass plans no action and sends no write`() async throws {
        let world = try World()
        world.repository.commit(Self.road[0])
        let first = try await world.pass()
        #expect(first.outcome == .changed)
        #expect(first.results.allSatisfy { $0.outcome.isSuccess })
        let effects = world.effectCounts
        for _ in 0..<2 {
            let second = try await world.pass()
            #expect(second.outcome == .inSync)
            #expect(second.plan?.actions == [])
            #expect(second.plan?.bookkeeping == [])
        }
        #expect(world.effectCounts == effects)
    }

    @Test(arguments: [SimulatedPlatform.Fault.cutBefore, .cutAfter, .loseRequest, .loseAnswer, .refuse(status: 503)])
    func `I1 I4 I5: killed or cut off at any request, the end and every count are the same`(
        _ fault: SimulatedPlatform.Fault
    ) async throws {
        let expected = try await undisturbed()
        #expect(expected.calls > 20)
        // Kills and lost answers at every request; what the client would try again by itself, at every third.
        let targets = Array(stride(from: 0, to: expected.calls, by: fault.isPassing ? 3 : 1))
        try await sideBySide(targets) { target in
            let world = try World()
            let counter = Counter()
            for desired in Self.road {
                world.repository.commit(desired)
                var report: PassReport?
                for _ in 0..<4 {
                    report = try await world.pass(fault: { _, _ in counter.increment() == target ? fault : nil })
                    if report?.outcome == .inSync || report?.outcome == .changed { break }
                    world.advance(seconds: 3_600)
                }
                #expect(
                    report?.outcome == .inSync || report?.outcome == .changed,
                    "fault \(fault) at request \(target): \(String(describing: report))")
            }
            let last = try await world.pass()
            #expect(last.outcome == .inSync, "fault \(fault) at request \(target)")
            #expect(world.fingerprint == expected.fingerprint, "fault \(fault) at request \(target)")
            #expect(world.effectCounts == expected.counts, "fault \(fault) at request \(target)")
        }
    }

    @Test func `R4: hit twice, the second time while it recovers, the end and every count are the same`() async throws {
        let expected = try await undisturbed()
        let firsts: [SimulatedPlatform.Fault] = [.cutAfter, .loseAnswer, .cutBefore]
        let seconds: [SimulatedPlatform.Fault] = [.noConnection, .refuse(status: 401), .loseAnswer, .cutAfter]
        try await sideBySide(0..<expected.calls) { target in
            for (number, second) in seconds.enumerated() {
                let first = firsts[(target + number) % firsts.count]
                // The second hits the next write, which is what recovery sends, or a request on the way to it.
                let hitsWrite = number < 2 || target.isMultiple(of: 2)
                let label = "\(first) at request \(target), then \(second) at \(hitsWrite ? "a write" : "a request")"
                let world = try World()
                let (counter, hits) = (Counter(), Counter())
                let fault: @Sendable (Int, String) -> SimulatedPlatform.Fault? = { _, call in
                    let request = counter.increment()
                    if request == target { return first }
                    let isWrite = Write.Call(name: call, resourceID: "any_1") != nil
                    guard request > target, hitsWrite ? isWrite : request > target + 2 else { return nil }
                    return hits.increment() == 0 ? second : nil
                }
                for desired in Self.road {
                    world.repository.commit(desired)
                    var report: PassReport?
                    for _ in 0..<6 {
                        report = try await world.pass(fault: fault)
                        if report?.outcome == .inSync || report?.outcome == .changed { break }
                        world.advance(seconds: 3_600)
                    }
                    #expect(
                        report?.outcome == .inSync || report?.outcome == .changed,
                        "\(label): \(String(describing: report))")
                }
                let last = try await world.pass()
                #expect(last.outcome == .inSync, "\(label)")
                #expect(world.fingerprint == expected.fingerprint, "\(label)")
                #expect(world.effectCounts == expected.counts, "\(label)")
            }
        }
    }

    @Test func `I13: without its journal the daemon finds everything again and makes nothing twice`() async throws {
        let world = try World()
        for desired in Self.road {
            world.repository.commit(desired)
            try await world.pass()
        }
        let (fingerprint, counts) = (world.fingerprint, world.effectCounts)
        try world.loseJournal()
        let report = try await world.pass()
        #expect(report.outcome == .changed || report.outcome == .inSync, "\(report)")
        let again = try await world.pass()
        #expect(again.outcome == .inSync, "\(again)")
        #expect(world.fingerprint == fingerprint)
        #expect(world.effectCounts == counts)
    }

    /// The name's dead life is older than the journal, so that its create has the key of that life's.
    @Test(arguments: [true, false])
    func `I1: a key that was used before a journal was lost makes no two names of one install`(
        _ isDead: Bool
    ) async throws {
        let world = try World()
        let base = Declaration().package("checkout", versions: ["1.3.0"])
        world.repository.commit(base.install("eu", of: "checkout", "1.3.0").state)
        try await world.pass()
        let id = try #require(world.platform.state.withLock { $0.installs.first?.install.id.text })
        var other = base.install("us", of: "checkout", "1.3.0").state
        if !isDead { other.installs[0].adoptedID = id }
        world.repository.commit(other)
        try await world.pass()
        try world.loseJournal()
        try await world.pass()
        other.installs += base.install("eu", of: "checkout", "1.3.0").state.installs
        world.repository.commit(other)
        let report = try await world.pass()
        #expect(report.outcome == .changed, "\(report)")
        #expect(try await world.pass().outcome == .inSync)
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 2)
        let ids = report.results.filter { $0.action.word == .create }.map(\.outcome)
        #expect(ids.count == 1, "\(report.results)")
    }
}

extension SimulatedPlatform.Fault {
    fileprivate var isPassing: Bool {
        switch self {
        case .loseRequest, .noConnection, .refuse, .duplicate: true
        case .cutBefore, .cutAfter, .loseAnswer, .delay: false
        }
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    /// The number before.
    @discardableResult
    func increment() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
