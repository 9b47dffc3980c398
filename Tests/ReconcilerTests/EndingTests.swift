import AkuaModel
import JSON
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Telemetry
import Testing

/// I15: what a pass has not sent when it is told to end is dropped, at whichever step it is, and the next pass does it.
@Suite struct EndingTests {
    private static let package = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"])

    /// What is said of actions, such as `action.started import`.
    private final class ActionLog: LogSink {
        private let said = Mutex<[String]>([])
        var lines: [String] { said.withLock { $0 } }

        func write(_ entry: [UInt8]) -> Bool {
            // What is no JSON can't be found in the list either.
            if let line = try? JSONReader.read(entry), let event = line["event"]?.string, event.hasPrefix("action.") {
                said.withLock { $0.append("\(event) \(line["action"]?.string ?? "")") }
            }
            return true
        }
    }

    /// Makes a pass that is told to end at its call number `nth` of that name; what is said of actions in it.
    private func pass(in world: World, endingAt call: String, nth: Int = 1) async throws -> (PassReport, [String]) {
        let (control, log, seen) = (PassControl(), ActionLog(), Counter())
        let output = LogOutput(format: JSONLogFormat(), sink: log) { 0 }
        let report = try await world.pass(control: control, log: output) { _, name in
            if name == call, seen.increment() + 1 == nth { control.end(.superseded) }
            return nil
        }
        #expect(control.ending != nil)
        return (report, log.lines)
    }

    private func calls(of name: String, in world: World) -> Int {
        world.platform.state.withLock { state in state.calls.count { $0 == name } }
    }

    @Test func `what was not begun is dropped without a word`() async throws {
        let world = try World()
        world.repository.commit(Self.package.install("shop", of: "checkout", "1.4.0").state)
        let (report, said) = try await pass(in: world, endingAt: "packages.import")
        #expect(said == ["action.started import", "action.succeeded import"])
        #expect(report.results.count { $0.outcome.isSuccess } == 1 && report.results.count > 3)
        #expect(calls(of: "packages.createVersion", in: world) == 0)
        #expect(try await world.pass().outcome == .changed)
        #expect(try await world.pass().outcome == .inSync)
    }

    /// The action has begun and has read what it needs: that it was going to write is not even in the journal.
    @Test func `what was begun and not sent leaves no intent`() async throws {
        let world = try World()
        world.repository.commit(Self.package.state)
        try await world.pass()
        world.repository.commit(Self.package.install("shop", of: "checkout", "1.3.0").state)
        // The end of the create reads it, and then what follows does for the etag.
        let (report, said) = try await pass(in: world, endingAt: "installs.get", nth: 2)
        #expect(said.suffix(2) == ["action.started set_automatic_updates", "action.deferred set_automatic_updates"])
        #expect(report.results.contains { $0.outcome == .interrupted })
        #expect(try await world.intents(of: ObjectReference(.install, "shop")).count == 1)
        #expect(calls(of: "installs.setAutomaticUpdates", in: world) == 0)
        #expect(try await world.pass().outcome == .changed)
        #expect(calls(of: "installs.setAutomaticUpdates", in: world) == 1)
    }

    @Test func `what waited for its turn to be sent is not sent`() async throws {
        let world = try World()
        world.repository.commit(Self.package.state)
        try await world.pass()
        var declared = Self.package
        for number in 0..<20 { declared = declared.install("shop-\(number)", of: "checkout", "1.3.0") }
        declared.state.settings.concurrency = 1
        world.repository.commit(declared.state)
        let (report, _) = try await pass(in: world, endingAt: "installs.create")
        #expect(calls(of: "installs.create", in: world) == 1)
        #expect(report.results.allSatisfy { !$0.outcome.isSuccess })
        #expect(try await world.pass().outcome == .changed)
        #expect(calls(of: "installs.create", in: world) == 20)
        #expect(try await world.pass().outcome == .inSync)
    }
}
