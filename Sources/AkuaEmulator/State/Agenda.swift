/// What is going to happen, earliest first: a binary heap.
struct Agenda: Sendable {
    /// Something due at a moment of the emulator's time.
    struct Event: Sendable, Equatable {
        enum Subject: Sendable, Equatable {
            /// The running step of an operation ends.
            case step(operation: String)
            /// What an operation came to becomes visible.
            case publication(operation: String)
            /// The workloads of an install have come up.
            case settling(install: String)
        }
        /// Milliseconds since 1970.
        var due: Int
        var subject: Subject
    }

    private var heap: [(event: Event, order: Int)] = []
    private var count = 0

    /// When the next event is due.
    var nextDue: Int? { heap.first?.event.due }

    mutating func insert(_ event: Event) {
        count += 1
        heap.append((event, count))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the earliest event if it is due by `moment`; of two with the same time the one that came in first.
    mutating func popDue(by moment: Int) -> Event? {
        guard let first = heap.first, first.event.due <= moment else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return first.event }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].event.due, heap[left].order) < (heap[right].event.due, heap[right].order)
    }
}
