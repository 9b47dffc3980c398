import Foundation
import Synchronization

/// HTTP over libcurl: many exchanges at a time on one thread of its own, behind an async call.
///
/// Connections are kept and shared, HTTP/2 is multiplexed. Every exchange ends within its deadline, answers once, and
/// leaves nothing behind when it is cancelled. Holds I12 (answers are bounded while they arrive) and the wire's part of
/// I11 (no redirect, no proxy, verified TLS, nothing from the environment).
package final class HTTPTransport: Sendable {
    private let mailbox = Mailbox()
    private let nextID = Atomic<UInt64>(0)

    /// Starts the transport's thread.
    package init(_ configuration: TransportConfiguration = TransportConfiguration()) {
        let thread = Thread { [mailbox] in TransferLoop.run(mailbox, configuration) }
        thread.name = "curl"
        thread.start()
    }

    deinit { mailbox.close() }

    /// The server's answer to `request`, whatever its status, or why there is none.
    ///
    /// A cancelled task's exchange ends at once with ``TransportError/Reason/cancelled``.
    package func exchange(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if let field = request.headers.firstInvalid {
            throw TransportError(
                phase: .prepare, reason: .invalidRequest, detail: "the header \(field.name) can't be sent",
                mayHaveReachedServer: false)
        }
        let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                start(Mailbox.Start(id: id, request: request, askedAt: .now, answer: answer))
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends every exchange with ``TransportError/Reason/shutDown``, closes all connections, and ends the thread.
    package func shutdown() async {
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
