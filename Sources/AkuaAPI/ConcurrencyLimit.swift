/// How many requests may be in flight at a time, learned from how the platform answers.
///
/// Starts low, doubles with each round of good answers up to a maximum, and is halved when the platform says that it
/// has too much to do, once for all requests that were on their way at that time.
package struct ConcurrencyLimit: Hashable, Sendable {
    package static let startMax = 4

    /// What an answer says about the platform's load.
    package enum Sign: Hashable, Sendable { case good, overload, none }

    /// Leave for one request; belongs to the round in which it was given.
    package struct Permit: Hashable, Sendable { fileprivate var round: Int }

    package let maximum: Int
    package private(set) var current: Int
    package private(set) var inFlight = 0
    private var round = 0

    /// A limit between 1 and `maximum` that begins at `start`, or at 4 where that is less than the maximum.
    package init(maximum: Int, start: Int = ConcurrencyLimit.startMax) {
        self.maximum = max(1, maximum)
        current = min(max(1, start), self.maximum)
    }

    /// Leave for one more request, or nil when as many as the limit allows are in flight.
    package mutating func admit() -> Permit? {
        guard inFlight < current else { return nil }
        inFlight += 1
        return Permit(round: round)
    }

    /// Takes back what ``admit()`` gave.
    package mutating func finish(_ permit: Permit, _ sign: Sign) {
        inFlight -= 1
        guard permit.round == round else { return }
        switch sign {
        // One more for each good answer doubles the limit with each full round of them.
        case .good: current = min(current + 1, maximum)
        case .overload:
            current = max(1, current / 2)
            round += 1
        case .none: break
        }
    }
}
