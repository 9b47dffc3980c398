import AkuaAPI
package import AkuaModel
package import JSON
package import Synchronization

/// An Akua in memory: the rules that the daemon relies on, without HTTP.
///
/// A ``Connection`` is what one run of the daemon sees of it. Cut, as when the daemon is killed, it answers nothing any
/// more.
package final class SimulatedPlatform: Sendable {
    package struct InstallState: Equatable, Sendable {
        package var install: Install
        package var region: RegionID
        package var values: JSONValue
        package var automaticUpdates = true
        package var pendingVersion: PackageVersionID?
        /// The key of its create; nil for one that somebody else made.
        package var key: String?
        package var isDeleting = false
        package var isDeleted = false
    }

    /// The lists as they were at one time: what a stale list answers from.
    package struct Lists: Sendable {
        package var clusters: [Cluster] = []
        package var packages: [AkuaModel.Package] = []
        package var installs: [InstallState] = []
    }

    /// When and how operations end.
    package enum Pace: Sendable {
        /// After so many looks at them.
        case looks(Int)
        /// After a time within these milliseconds, and some of them, in percent, as failed.
        case time(Range<Int>, failing: Int)
    }

    package struct State: Sendable {
        package var counter = 0
        /// Unix milliseconds; with a pace of looks, every change moves it.
        package var now = 1_700_000_000_000
        package var workspaces = [Workspace(id: identifier("ws_1"), name: "One", slug: "one")]
        package var regions = [Region(id: identifier("reg_eu"), name: "eu-central")]
        package var lists = Lists()
        /// The newest last, before the present one.
        package var olderLists: [Lists] = []
        package var versions: [PackageVersion] = []
        package var products: [Product] = []
        package var renders: [Render] = []
        package var annotations: [RenderID: [String: String]] = [:]
        package var operations: [Operation] = []
        package var pace = Pace.looks(1)
        package var seed = Seed(0)
        /// What a key was answered with, and when: forgotten after `keyMemory` milliseconds.
        package var answers: [String: (answer: WriteAnswer, at: Int)] = [:]
        package var keyMemory = 24 * 3_600_000
        /// How running operations will end, and after how many looks or at which time.
        package var ends: [OperationID: End] = [:]
        /// Writes on a slow way here: they take effect when their time has come, and nobody gets an answer.
        package var late: [Late] = []
        /// Renders that such writes have made after those who sent them had forgotten them, and that nobody was shown since.
        package var forgottenRenders: Set<RenderID> = []
        /// Creates, updates, renders and deletes that took effect, by what they did it to.
        package var effects: [String: Int] = [:]
        /// All calls so far, in order, where they are kept.
        package var calls: [String] = []
        package var keepsCalls = true
        package var etagsSent: [(String, ETag)] = []
        /// The newest message of an explicit render of each install, since its last update.
        package var marksSinceUpdate: [InstallID: String] = [:]
        /// What happened that must not: seen at the moment of the effect.
        package var violations: [String] = []

        package struct Late: Sendable {
            package var due: Int
            package var write: Write
            /// The state directory was lost meanwhile, so that nobody knows of it any more.
            package var isForgotten = false
        }

        package struct End: Sendable {
            package var due: Int
            package var response: JSONObject?
            package var isFailure = false
        }

        package var clusters: [Cluster] {
            get { lists.clusters }
            _modify { yield &lists.clusters }
        }
        package var packages: [AkuaModel.Package] {
            get { lists.packages }
            _modify { yield &lists.packages }
        }
        package var installs: [InstallState] {
            get { lists.installs }
            _modify { yield &lists.installs }
        }
    }

    package let state = Mutex(State())

    package init() {}

    /// A run's view; `fault` is asked before every call, with its number from 0 in this run.
    package func connect(
        fault: @escaping @Sendable (Int, String) -> Fault? = { _, _ in nil }, onCut: @escaping @Sendable () -> Void = {}
    ) -> Connection {
        Connection(platform: self, line: Line(fault: fault, onCut: onCut))
    }

    package func connect(_ line: Line) -> Connection { Connection(platform: self, line: line) }
}

extension SimulatedPlatform {
    /// What is done to one call.
    package enum Fault: Sendable {
        /// The platform never sees it, and the run ends here.
        case cutBefore
        /// It takes effect, its answer is lost, and the run ends here.
        case cutAfter
        /// The platform never sees it; the run goes on.
        case loseRequest
        /// It never leaves, and the daemon knows that; the run goes on.
        case noConnection
        /// It takes effect; its answer is lost; the run goes on.
        case loseAnswer
        /// It arrives so many milliseconds after the daemon has given up on it.
        case delay(Int)
        /// The network delivers it twice; a write without a key is never repeated by the client's network.
        case duplicate
        case refuse(status: Int)
    }

    /// The way between a run of the daemon and the platform.
    package struct Line: Sendable {
        package var fault: @Sendable (Int, String) -> Fault?
        package var onCut: @Sendable () -> Void
        /// Time that passes on the way there, and on the way back.
        package var travel: @Sendable () async throws(CancellationError) -> Void = { () throws(CancellationError) in }
        /// How many changes ago a list was made.
        package var staleness: @Sendable () -> Int = { 0 }
        /// Whether a list leaves out an item.
        package var omits: @Sendable () -> Bool = { false }
        /// Whether a list shows nothing at all.
        package var isEmptied: @Sendable () -> Bool = { false }
        /// Asked with each write that is about to leave: what is wrong with it.
        package var objection: @Sendable (Write) async -> String? = { _ in nil }
        /// Told of every etag that the run gets to see.
        package var sees: @Sendable (String, ETag) -> Void = { _, _ in }
        /// The time, where the simulation owns it, and how to let it pass.
        package var now: (@Sendable () -> Int)?
        package var sleep: @Sendable (Int) async throws(CancellationError) -> Void = { _ throws(CancellationError) in }

        package init(
            fault: @escaping @Sendable (Int, String) -> Fault? = { _, _ in nil },
            onCut: @escaping @Sendable () -> Void = {}
        ) {
            self.fault = fault
            self.onCut = onCut
        }
    }
}

/// An identifier from a literal of the simulation.
package func identifier<Tag>(_ text: String, as _: Tag.Type = Tag.self) -> Identifier<Tag> {
    guard let id = Identifier<Tag>(text) else { preconditionFailure("'\(text)' is no id") }
    return id
}

package func etag(_ number: Int) -> ETag {
    guard let etag = ETag(String(number)) else { preconditionFailure("\(number) is no etag") }
    return etag
}
