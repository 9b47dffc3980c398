import JSON

/// Everything that the emulator knows, as one value: routes read and change it, and time changes it.
///
/// It does no I/O and reads no clock: ``advance(to:)`` says what time it is.
struct World: Sendable {
    var workspaces = Table<WorkspaceRecord>()
    var regions = Table<RegionRecord>()
    var clusters = Table<ClusterRecord>()
    var packages = Table<PackageRecord>()
    var versions = Table<VersionRecord>()
    var products = Table<ProductRecord>()
    var installs = Table<InstallRecord>()
    var renders = Table<RenderRecord>()
    var operations = Table<OperationRecord>()
    var repositories = Table<RepositoryRecord>()
    var receipts = Table<ReceiptRecord>()
    var artifacts = Table<ArtifactRecord>()

    /// Milliseconds since 1970 in the emulator's time.
    private(set) var now: Int
    var agenda = Agenda()
    let timing: Timing
    let seed: UInt64
    var switches: Switches {
        didSet { if switches.style != oldValue.style { forgetWires() } }
    }
    var distortion: ListDistortion
    /// Counts everything that ever happened here; serials, etags and ids come from it.
    private(set) var ticks = 0
    /// Operations that became done since ``takeFinished()``.
    private var finished: [String] = []

    init(now: Int, timing: Timing, switches: Switches, seed: UInt64) {
        self.now = now
        self.timing = timing
        self.switches = switches
        self.seed = seed
        distortion = ListDistortion(seed: seed)
    }

    var style: WireStyle { switches.style }

    /// The next number of the one sequence that serials and revisions come from.
    mutating func tick() -> Int {
        ticks += 1
        return ticks
    }

    /// A new id of that kind.
    mutating func newID(_ kind: Kind) -> String {
        var mixer = Mixer(seed: seed &+ UInt64(tick()) &* 0x9E37)
        return kind.prefix + mixer.word(24)
    }

    /// Hexadecimal digits that never come twice, for a commit.
    mutating func newHex(_ count: Int) -> String {
        var mixer = Mixer(seed: ~seed &+ UInt64(tick()))
        return mixer.hex(count)
    }

    /// The id as it is kept, of one that came from outside: the prefix may be left out.
    func whole(_ kind: Kind, _ id: String) -> String { id.hasPrefix(kind.prefix) ? id : kind.prefix + id }

    /// Lets time pass: everything that is due by `moment` happens, in its order and each at its own time.
    mutating func advance(to moment: Int) {
        while let event = agenda.popDue(by: moment) {
            now = max(now, event.due)
            switch event.subject {
            case .step(let operation): endStep(of: operation, due: event.due)
            case .publication(let operation): publish(operation, due: event.due)
            case .settling(let install): settle(install, due: event.due)
            }
        }
        now = max(now, moment)
    }

    /// Takes in the state that an earlier run left.
    mutating func resume(ticks: Int, now: Int) {
        self.ticks = ticks
        self.now = max(self.now, now)
        for operation in operations.records.values {
            guard operation.state == .running, let due = operation.due else { continue }
            let isPublication = operation.outcome != nil
            agenda.insert(
                .init(
                    due: due,
                    subject: isPublication ? .publication(operation: operation.id) : .step(operation: operation.id)))
        }
        for install in installs.records.values {
            guard let due = install.settlesAt else { continue }
            agenda.insert(.init(due: due, subject: .settling(install: install.id)))
        }
    }

    /// Notes that an operation became done, for those who wait for it.
    mutating func noteFinished(_ operation: String) { finished.append(operation) }

    /// The operations that became done since the last call.
    mutating func takeFinished() -> [String] {
        defer { finished = [] }
        return finished
    }

    /// Changes an object and moves its etag.
    mutating func change<R: Versioned>(
        _ table: WritableKeyPath<World, Table<R>>, _ id: String, _ body: (inout R) -> Void
    ) {
        let (revision, now) = (tick(), now)
        self[keyPath: table].update(id) { record in
            body(&record)
            record.revision = revision
            record.updatedAt = now
        }
    }

    private mutating func forgetWires() {
        workspaces.forgetWires()
        regions.forgetWires()
        clusters.forgetWires()
        packages.forgetWires()
        versions.forgetWires()
        products.forgetWires()
        installs.forgetWires()
        renders.forgetWires()
        operations.forgetWires()
        repositories.forgetWires()
    }
}

/// How long things take, in milliseconds of the emulator's time.
package struct Timing: Sendable, Equatable {
    /// From the request to an install until its first render begins.
    package var placing = 500
    package var rendering = 1_500
    /// From the commit of a render until it counts as deployed.
    package var deploying = 1_000
    /// From there until the workloads are up and the install is healthy.
    package var settling = 2_000
    package var removing = 2_000
    package var clusterCreation = 10_000
    package var clusterRemoval = 5_000
    package var packaging = 3_000

    package init() {}

    /// Everything happens by the next request.
    package static let instant: Timing = {
        var timing = Timing()
        timing.placing = 0
        timing.rendering = 0
        timing.deploying = 0
        timing.settling = 0
        timing.removing = 0
        timing.clusterCreation = 0
        timing.clusterRemoval = 0
        timing.packaging = 0
        return timing
    }()
}
