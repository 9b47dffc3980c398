import CCurl
import Foundation

/// Whether the exchanges of one multi handle use connections together.
///
/// The two kinds never meet in one multi handle: libcurl 7.88 lets a transfer join a busy HTTP/1.1 connection once it
/// has seen the host speak HTTP/2, and then one exchange is handed the answer of another.
enum Sharing: Sendable {
    /// Connections are kept, and one with HTTP/2 carries many exchanges at a time.
    case shared
    /// Each exchange has a connection of its own, with HTTP/1.1, made for it and closed after it.
    case alone
}

/// A curl thread: owns a multi handle and every transfer in it, and answers each exchange exactly once.
struct TransferLoop: ~Copyable {
    /// Easy handles kept for reuse.
    private static let idleMax = 32
    /// Transfers that are on their way look at their deadlines at least this often.
    private static let busyNapMax = Duration.seconds(1)
    private static let idleNapMax = Duration.seconds(3_600)
    private static let unwakeableNapMax = Duration.milliseconds(50)

    private let mailbox: Mailbox
    private let configuration: TransportConfiguration
    private let sharing: Sharing
    private let multi: MultiHandle
    private var active: [UnsafeMutableRawPointer: Exchange] = [:]
    private var idle: [Transfer] = []

    private struct Exchange {
        var id: UInt64
        var transfer: Transfer
        var answer: Mailbox.Answer
    }

    /// The whole life of a curl thread.
    static func run(_ mailbox: Mailbox, _ configuration: TransportConfiguration, _ sharing: Sharing) {
        ignoreBrokenPipes()
        do {
            let loop = try TransferLoop(mailbox, configuration, sharing)
            loop.serve()
        } catch {
            refuse(mailbox.disconnect(), because: "libcurl did not start: \(error.message)")
        }
        mailbox.end()
    }

    private init(
        _ mailbox: Mailbox, _ configuration: TransportConfiguration, _ sharing: Sharing
    ) throws(CurlError) {
        let multi = try MultiHandle()
        switch sharing {
        case .shared:
            try multi.set(CURLMOPT_MAXCONNECTS, configuration.idleConnectionsMax)
            try multi.set(CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connectionsMax)
            try multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        case .alone:
            try multi.set(CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.aloneConnectionsMax)
            try multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        }
        mailbox.open(WakeTarget(multi))
        self.mailbox = mailbox
        self.configuration = configuration
        self.sharing = sharing
        self.multi = multi
    }

    private consuming func serve() {
        var lastWords = "the transport has been shut down"
        do {
            while true {
                let (commands, isClosed) = mailbox.take()
                guard !isClosed else {
                    Self.refuse(commands, because: lastWords)
                    break
                }
                for command in commands { obey(command) }
                try multi.perform()
                while let (easy, result) = multi.nextEnded() { finish(easy) { $0.outcome(result) } }
                let nap = endLateTransfers()
                // R13: nobody could wake it, so it looks for itself.
                try multi.poll(timeout: multi.canBeWoken ? nap : min(nap, Self.unwakeableNapMax))
            }
        } catch {
            lastWords = "\(error.call) failed: \(error.message)"
        }
        Self.refuse(mailbox.disconnect(), because: lastWords)
        for easy in active.keys { finish(easy) { .failure($0.failure(.shutDown, lastWords)) } }
    }

    private mutating func obey(_ command: Mailbox.Command) {
        switch command {
        case .start(let start): begin(start)
        case .cancel(let id):
            guard let easy = active.first(where: { $0.value.id == id })?.key else { return }
            finish(easy) { .failure($0.failure(.cancelled, "cancelled")) }
        }
    }

    private mutating func begin(_ start: Mailbox.Start) {
        do {
            let transfer: Transfer
            if let used = idle.popLast() {
                transfer = used
                transfer.reuse(for: start.request, startedAt: start.askedAt)
            } else {
                transfer = try Transfer(start.request, startedAt: start.askedAt)
            }
            try transfer.configure(configuration, sharing)
            try multi.add(transfer.easy)
            active[transfer.easy.pointer] = Exchange(id: start.id, transfer: transfer, answer: start.answer)
        } catch {
            let failure = TransportError(
                phase: .prepare, reason: .invalidRequest, detail: "\(error.call): \(error.message)", code: error.code,
                mayHaveReachedServer: false)
            start.answer.resume(returning: .failure(failure))
        }
    }

    /// Takes a transfer out of libcurl and answers its exchange.
    private mutating func finish(
        _ easy: UnsafeMutableRawPointer, with outcome: (Transfer) -> Result<HTTPResponse, TransportError>
    ) {
        guard let exchange = active.removeValue(forKey: easy) else { return }
        let result = outcome(exchange.transfer)
        do {
            try multi.remove(exchange.transfer.easy)
            if idle.count < Self.idleMax { idle.append(exchange.transfer) }
        } catch {
            // A handle that libcurl will not let go of is freed with the transfer instead of being used again.
        }
        exchange.answer.resume(returning: result)
    }

    /// Ends what is late and returns how long nothing will be.
    private mutating func endLateTransfers() -> Duration {
        guard !active.isEmpty else { return Self.idleNapMax }
        let now = ContinuousClock.now
        var nap = Self.busyNapMax
        for (easy, exchange) in active {
            let left = now.duration(to: exchange.transfer.deadline)
            if left <= .zero {
                finish(easy) { .failure($0.lateness()) }
            } else {
                nap = min(nap, left)
            }
        }
        return nap
    }

    private static func refuse(_ commands: [Mailbox.Command], because detail: String) {
        for case .start(let start) in commands {
            let failure = TransportError(
                phase: .prepare, reason: .shutDown, detail: detail, mayHaveReachedServer: false)
            start.answer.resume(returning: .failure(failure))
        }
    }

    /// Keeps a write to a closed connection from ending the process: TLS libraries write without `MSG_NOSIGNAL`.
    private static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
