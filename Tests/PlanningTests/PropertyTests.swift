import AkuaModel
import Foundation
import JSON
import Manifests
import Planning
import Simulation
import Testing

/// What holds in every world: small ones, made by chance from a seed.
@Suite struct PropertyTests {
    /// A hundred unless the environment asks for more.
    private static let seeds =
        (0..<(ProcessInfo.processInfo.environment["AKUA_GITOPS_SEEDS"].flatMap(UInt64.init) ?? 100))
        .map(Seed.init)

    /// A world after a number of things have happened in it, with every plan on the way checked and carried out, some
    /// of them only in part.
    private func live(_ seed: inout Seed) throws -> World {
        var world = World(&seed)
        for _ in 0..<Int.random(in: 2..<12, using: &seed) {
            for _ in 0...1 {
                let plan = try world.plan()
                check(plan, of: world)
                let isKilled = seed.isOne(in: 4)
                world.carryOut(plan, upTo: isKilled ? Int.random(in: 0...plan.runnable.count, using: &seed) : nil)
            }
            world.happen(&seed)
        }
        return world
    }

    @Test(arguments: seeds)
    func `a plan that is made again from its record is the same`(_ seed: Seed) throws {
        var seed = seed
        var world = try live(&seed)
        for _ in 0..<4 {
            let plan = try world.plan()
            let input = world.input(observed: world.observed)
            let bytes = try JSONEncoder().encode(PlanningRecord(input))
            let record = try JSONDecoder().decode(PlanningRecord.self, from: bytes)
            var desired = world.desired
            desired.settings = Settings()
            #expect(Planner.plan(record.input(declaring: Declarations(desired))) == plan)
            world.carryOut(plan)
            world.happen(&seed)
        }
    }

    /// What every plan holds.
    private func check(_ plan: Plan, of world: World) {
        let ids = plan.actions.map(\.id)
        #expect(Set(ids).count == ids.count, "an object has each word once")
        var before: Set<ActionID> = []
        for action in plan.actions {
            #expect(action.after.isSubset(of: before), "\(action.id) stands before what it comes after")
            before.insert(action.id)
        }
        let creates = plan.actions.filter { [.create, .import, .publish].contains($0.word) }
        #expect(Set(creates.map(\.target)).count == creates.count, "I1: one create for each identity")
        let declared = world.desired.headers
        let living = Set(
            world.inventory.filter { declared[$0.key] != nil && $0.value.life == .live }.map(\.value.resourceID))
        for action in plan.actions where action.word == .delete {
            let entry = world.inventory[action.target]
            #expect(declared[action.target] == nil, "I2: \(action.target) is declared")
            #expect(!living.contains(action.resourceID), "I2: \(action.target) lives on under another name")
            if action.reason == .orphan {
                #expect(action.block == .recoveredOrphan)
            } else {
                #expect(entry?.isOwned == true && entry?.life == .live && entry?.resourceID == action.resourceID)
                #expect(entry?.protection == nil, "I2: \(action.target) is protected")
            }
        }
        let written = Set(plan.actions.map(\.target))
        for hold in plan.holds where [.suspended, .identityConflict, .planMode].contains(hold.code) {
            #expect(!written.contains(hold.target), "\(hold.target) is held, and acted on")
        }
        #expect(world.asked.count < World.roundsMax)
    }

    @Test(arguments: seeds)
    func `I5: once faults stop, everything comes to what is declared, and a further pass does nothing`(
        _ seed: Seed
    ) throws {
        var seed = seed
        var world = try live(&seed)
        world.heal()
        for _ in 0..<12 {
            let plan = try world.plan()
            check(plan, of: world)
            if let digest = plan.blockedDigest { world.circumstances.allowedDigests = [digest] }
            world.carryOut(try world.plan())
        }
        let last = try world.plan()
        #expect(last.actions == [], "\(last.lines)")
        #expect(last.bookkeeping == [])
        #expect(world.violations == [])
        checkIsAsDeclared(world, last)
    }

    private func checkIsAsDeclared(_ world: World, _ plan: Plan) {
        let held = Set(plan.holds.map(\.target))
        var live: [InstallID: ObjectReference] = [:]
        for manifest in world.desired.installs {
            guard let entry = world.inventory[manifest.reference], let id = entry.resourceID.flatMap(InstallID.init),
                entry.life == .live, let install = world.installs.first(where: { $0.id == id })
            else {
                #expect(held.contains(manifest.reference), "\(manifest.reference) is neither there nor held")
                continue
            }
            #expect(live.updateValue(manifest.reference, forKey: id) == nil, "\(id) is two objects")
            guard !held.contains(manifest.reference) else { continue }
            let version = world.versions.first { $0.id == install.packageVersionID }?.semver ?? "?"
            if case .package(_, .exact(let wanted)) = manifest.target { #expect(version == wanted) }
            #expect(entry.requested.automaticUpdates == manifest.automaticUpdates)
        }
        // I1: what a key made lives once, or goes on under a name of its own.
        for manifest in world.desired.installs {
            let part = IdempotencyKey.identityPart(of: manifest.reference, in: world.source)
            let made = world.operations.filter {
                $0.idempotencyKey.flatMap(IdempotencyKey.identityPart(ofKey:)) == part
            }
            let lives = made.compactMap { operation in world.installs.first { $0.id.text == operation.ownerID }?.id }
            let here = lives.filter { live[$0] == nil || live[$0] == manifest.reference }
            let known = Set(world.inventory.values.compactMap(\.resourceID))
            #expect(here.filter { known.contains($0.text) }.count <= 1, "\(manifest.reference) has \(here)")
        }
    }

    @Test(arguments: seeds.prefix(seeds.count / 2))
    func `the order of lists and documents makes no difference`(_ seed: Seed) throws {
        var seed = seed
        var world = try live(&seed)
        let plan = try world.plan()
        var observed = world.observed
        observed.regions?.shuffle(using: &seed)
        observed.clusters?.shuffle(using: &seed)
        observed.packages?.shuffle(using: &seed)
        observed.products?.shuffle(using: &seed)
        observed.installs?.shuffle(using: &seed)
        observed.versions = observed.versions.mapValues { known in
            known.value.map { .value($0.shuffled(using: &seed)) } ?? known
        }
        world.desired.packages.shuffle(using: &seed)
        world.desired.packageVersions.shuffle(using: &seed)
        world.desired.clusters.shuffle(using: &seed)
        world.desired.installs.shuffle(using: &seed)
        #expect(Planner.plan(world.input(observed: observed)) == plan)
        #expect(Planner.plan(world.input(observed: observed)).digest == plan.digest)
    }

    @Test(arguments: seeds.prefix(seeds.count / 2))
    func `I13: the journal is lost, and nothing is made twice or deleted`(_ seed: Seed) throws {
        var seed = seed
        var world = try live(&seed)
        world.heal()
        let before = Set(world.installs.map(\.id))
        world.loseJournal()
        for _ in 0..<6 {
            let plan = try world.plan()
            check(plan, of: world)
            #expect(plan.runnable.allSatisfy { $0.word != .delete }, "\(plan.lines)")
            world.carryOut(plan)
        }
        #expect(world.violations == [])
        #expect(before.isSubset(of: world.installs.map(\.id)))
    }
}
