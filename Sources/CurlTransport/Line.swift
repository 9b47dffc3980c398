import Foundation
import Synchronization

/// A curl thread as the rest of the program sees it: one async call for each exchange.
///
/// The thread ends when nobody holds the line any more.
final class Line: Sendable {
    private let mailbox = Mailbox()
    private let nextID = Atomic<UInt64>(0)

    /// Starts the thread.
    init(_ configuration: TransportConfiguration, _ sharing: Sharing) {
        let thread = Thread { [mailbox] in TransferLoop.run(mailbox, configuration, sharing) }
        thread.name = "curl"
        thread.start()
    }

    deinit { mailbox.close() }

    /// The outcome of an exchange whose deadlines count from `askedAt`; at once when the task is cancelled.
    func exchange(
        _ request: HTTPRequest, askedAt: ContinuousClock.Instant
    ) async throws(TransportError) -> HTTPResponse {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                start(Mailbox.Start(id: id, request: request, askedAt: askedAt, answer: answer))
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends every exchange, closes all connections, and ends the thread.
    func shutdown() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    private func start(_ start: Mailbox.Start) {
        guard mailbox.post(.start(start)) else {
            let failure = TransportError(
                phase: .prepare, reason: .shutDown, detail: "the transport has been shut down",
                mayHaveReachedServer: false)
            return start.answer.resume(returning: .failure(failure))
        }
        // A cancellation that came before the start was in the mailbox has found nothing to cancel.
        if Task.isCancelled { _ = mailbox.post(.cancel(start.id)) }
    }
}
