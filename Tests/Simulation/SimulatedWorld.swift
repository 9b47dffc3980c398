import AkuaModel
import Manifests
import Planning
import Synchronization

/// What the daemons of one run share: the platform, the repository, time and chance.
final class SimulatedWorld: Sendable {
    private struct Chance {
        var seed: Seed
        var rates = Rates.none
        /// Everything that was called and what became of it, as a running hash.
        var trace = UInt64(0xCBF2_9CE4_8422_2325)
        var faults = 0
        var script: Script?
        /// The same in words, where somebody wants to read them.
        var log: [String]?
    }

    let platform = SimulatedPlatform()
    let repository = SimulatedRepository()
    let clock = SimulatedClock(now: 1_700_000_000_000)
    let executor: SeededExecutor
    private let chance: Mutex<Chance>
    private let identity: SourceIdentity

    init(seed: inout Seed) {
        executor = SeededExecutor(seed: seed.fork())
        chance = Mutex(Chance(seed: seed.fork()))
        identity = SourceIdentity(workspace: identifier("ws_1"), name: SimulatedDaemon.source)
        let own = seed.fork()
        platform.state.withLock { state in
            state.seed = own
            state.keepsCalls = false
            state.pace = .time(50..<20_000, failing: 0)
        }
    }

    var trace: UInt64 { chance.withLock { $0.trace } }
    /// How many calls met a fault.
    var faults: Int { chance.withLock { $0.faults } }

    var rates: Rates {
        get { chance.withLock { $0.rates } }
        set {
            chance.withLock { $0.rates = newValue }
            platform.state.withLock { $0.pace = .time(50..<20_000, failing: newValue.failures) }
        }
    }

    /// What happens instead of chance.
    var script: Script? {
        get { chance.withLock { $0.script } }
        set { chance.withLock { $0.script = newValue } }
    }

    func draw<Value>(_ body: (inout Seed) -> Value) -> Value { chance.withLock { body(&$0.seed) } }

    func drawPercent(_ rate: any Sendable & KeyPath<Rates, Int>) -> Bool {
        chance.withLock { $0.rates[keyPath: rate] > 0 && $0.seed.isWithin(percent: $0.rates[keyPath: rate]) }
    }

    func identityPart(of reference: ObjectReference) -> String {
        IdempotencyKey.identityPart(of: reference, in: identity)
    }

    /// Begins to keep what happens in words.
    func listen() { chance.withLock { $0.log = [] } }

    var log: [String] { chance.withLock { $0.log ?? [] } }

    func note(_ line: @autoclosure () -> String) {
        let now = clock.now
        chance.withLock { if $0.log != nil { $0.log?.append("\(now) \(line())") } }
    }

    /// What becomes of a call.
    func fault(_ number: Int, _ call: String) -> SimulatedPlatform.Fault? {
        let now = clock.now
        if let script {
            guard let disturbance = script.nextRequest() else { return nil }
            note("\(number) \(call) \(disturbance)")
            if disturbance.kind == .touched || disturbance.kind == .rendered {
                platform.state.withLock { $0.disturb(disturbance.kind) }
            }
            return disturbance.fault
        }
        // Reads by the dozen would let no pass come to its writes: they meet fewer faults.
        let isWrite = Write.Call(name: call, resourceID: "any_1") != nil
        return chance.withLock { chance in
            let isSpared = !isWrite && !chance.seed.isOne(in: 6)
            let fault = isSpared ? nil : Self.fault(chance.rates, &chance.seed)
            for byte in "\(now) \(number) \(call) \(fault.map { "\($0)" } ?? "")".utf8 {
                chance.trace = (chance.trace ^ UInt64(byte)) &* 0x100_0000_01B3
            }
            if fault != nil { chance.faults += 1 }
            chance.log?.append("\(now) \(number) \(call) \(fault.map { "\($0)" } ?? "")")
            return fault
        }
    }

    private static func fault(_ rates: Rates, _ seed: inout Seed) -> SimulatedPlatform.Fault? {
        if rates.loss > 0, seed.isWithin(percent: rates.loss) { return seed.isOne(in: 2) ? .loseRequest : .loseAnswer }
        if rates.delays > 0, seed.isWithin(percent: rates.delays) {
            return .delay(Int.random(in: 1...60_000, using: &seed))
        }
        if rates.refusals > 0, seed.isWithin(percent: rates.refusals) {
            return seed.pick([.noConnection, .refuse(status: 429), .refuse(status: 500), .refuse(status: 503)])
        }
        return rates.duplicates > 0 && seed.isWithin(percent: rates.duplicates) ? .duplicate : nil
    }
}
