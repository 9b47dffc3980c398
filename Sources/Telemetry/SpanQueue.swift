import Synchronization

/// Ended spans that wait to be sent, at most so many (I12): who makes spans never waits, what does not fit is counted.
package final class SpanQueue: Sendable {
    private let capacity: Int
    private let spans = Mutex<[SpanRecord]>([])
    private let onDrop: @Sendable (Int) -> Void
    private let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// `onDrop` is told of spans that are lost.
    package init(capacity: Int = 4_096, onDrop: @escaping @Sendable (_ count: Int) -> Void) {
        self.capacity = capacity
        self.onDrop = onDrop
    }

    /// Something has come since the last time; for one reader.
    package var arrivals: AsyncStream<Void> { stream }

    /// How many wait.
    package var count: Int { spans.withLock { $0.count } }

    func add(_ span: SpanRecord) {
        let hasRoom = spans.withLock { spans in
            guard spans.count < capacity else { return false }
            spans.append(span)
            return true
        }
        if hasRoom { continuation.yield() } else { onDrop(1) }
    }

    /// The oldest, at most so many.
    package func take(atMost count: Int) -> [SpanRecord] {
        spans.withLock { spans in
            let taken = Array(spans.prefix(count))
            spans.removeFirst(taken.count)
            return taken
        }
    }

    /// What could not be sent goes back to the front, as far as there is room for it.
    package func putBack(_ batch: [SpanRecord]) {
        let lost = spans.withLock { spans in
            let kept = batch.suffix(max(0, capacity - spans.count))
            spans.insert(contentsOf: kept, at: 0)
            return batch.count - kept.count
        }
        drop(lost)
    }

    /// Counts spans that nobody will have.
    package func drop(_ count: Int) { if count > 0 { onDrop(count) } }
}
