import AkuaModel

/// What befalls the standard scenario at one point, once.
package struct Disturbance: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, CaseIterable, Sendable {
        /// The daemon is killed before the n-th job of the executor.
        case kill
        /// At the n-th request: it gets lost on the way there, or its answer on the way back.
        case request, answer
        /// It never leaves, and the daemon knows that.
        case connection
        case throttled, failed, unavailable
        /// It takes effect after the daemon has given it up, soon or within a minute.
        case late, later
        /// The network delivers it twice.
        case twice
        /// From there on the next list is an old one, or has nothing in it.
        case stale, empty
        /// Somebody else has just touched every install, or rendered it by hand.
        case touched, rendered
    }

    package var kind: Kind
    /// Counted from 1 over the whole scenario: jobs for a kill, requests for the others.
    package var number: Int

    package init(_ kind: Kind, _ number: Int) { (self.kind, self.number) = (kind, number) }

    /// Reads `answer:17`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), let number = Int(parts[1]) else {
            return nil
        }
        self.init(kind, number)
    }

    package var description: String { "\(kind):\(number)" }

    /// What becomes of the request itself.
    var fault: SimulatedPlatform.Fault? {
        switch kind {
        case .request: .loseRequest
        case .answer: .loseAnswer
        case .connection: .noConnection
        case .throttled: .refuse(status: 429)
        case .failed: .refuse(status: 500)
        case .unavailable: .refuse(status: 503)
        case .late: .delay(50)
        case .later: .delay(60_000)
        case .twice: .duplicate
        case .kill, .stale, .empty, .touched, .rendered: nil
        }
    }
}

extension SimulatedPlatform.State {
    /// Somebody else's hand on every install that lives; whatever was read of it before is out of date.
    mutating func disturb(_ kind: Disturbance.Kind) {
        remember()
        for position in installs.indices where !installs[position].isDeleted && !installs[position].isDeleting {
            if kind == .rendered {
                _ = render(position, message: "by hand", version: installs[position].install.packageVersionID)
            } else {
                move(position)
            }
        }
    }
}
