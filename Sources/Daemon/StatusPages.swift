import Journal
import Reconciler
import Synchronization

/// Makes the page from the board and the journal, once a second at most however often it is asked for.
final class StatusPages: Sendable {
    private let board: StatusBoard
    private let journal: Journal
    private let last = Mutex((page: StatusPage, uptime: ContinuousClock.Instant)?.none)

    private static let lifetime = Duration.seconds(1)
    private static let passesMax = 20

    init(_ board: StatusBoard, _ journal: Journal) {
        self.board = board
        self.journal = journal
    }

    /// The page, or why there is none.
    func page() async throws -> StatusPage {
        if let last = last.withLock({ $0 }), last.uptime.duration(to: .now) < Self.lifetime { return last.page }
        let now = Environment.system.now()
        var sources: [StatusPage.Source] = []
        for (name, entry) in board.all.sorted(by: { $0.key < $1.key }) {
            var timeline: [(pass: ReconcileRecord, actions: [ActionRecord])] = []
            for pass in try await journal.reconciles(of: name, limit: Self.passesMax) {
                timeline.append((pass, try await journal.actions(of: pass.id)))
            }
            sources.append(
                StatusPage.Source(
                    status: try await SourceStatus(name, journal, now: now), entry: entry, plans: board.plans(of: name),
                    timeline: timeline))
        }
        let page = StatusPage(sources: sources, version: Runtime.version, now: now / 1_000)
        last.withLock { $0 = (page, .now) }
        return page
    }
}
