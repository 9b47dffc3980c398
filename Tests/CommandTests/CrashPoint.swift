import AkuaEmulator
import Foundation

/// A moment of a ``CrashScenario`` at which the program dies, in words that replay it.
struct CrashPoint: Hashable, Sendable, CustomStringConvertible {
    enum Moment: Hashable, Sendable {
        /// Before the request leaves, which is counted from 1 in the order of sending.
        case unsent(request: Int)
        /// When the emulator has it, counted in the order of arrival.
        case request(Int, Fault.Point)
        /// Before a call to the disk or to a socket, counted over all threads; and what the power takes with it.
        case call(Int, CrashPage.Loss, seed: Int)
        /// The program lives, but the disk fails it from this write or flush on, counted from 1; once, or for good.
        case failure(Failure, from: Int, isPassing: Bool)
        /// A flush fails, and before a later call the power: what that flush should have made durable is lost.
        case lostFlush(Int, thenCall: Int)
        /// What an earlier run of the program has left is damaged before the next one starts.
        case damage(Damage, seed: Int)
    }

    enum Failure: String, CaseIterable, Sendable {
        /// A write is answered with ENOSPC, or with EIO, or with EROFS like all that would change something, or a flush
        /// with EIO.
        case full, badWrite, readOnly, badFlush

        /// What the calls are answered with.
        var code: Int32 {
            switch self {
            case .full: ENOSPC
            case .badWrite, .badFlush: EIO
            case .readOnly: EROFS
            }
        }
    }

    enum Damage: String, CaseIterable, Sendable {
        /// The whole state directory is gone.
        case deleted
        /// The write-ahead log alone is gone.
        case logDeleted
        /// The database file ends at one of its pages, or one bit of it or of its log is another.
        case truncated, flipped
    }

    /// Which pass of the scenario, from 1.
    var stage: Int
    var moment: Moment

    var description: String {
        switch moment {
        case .unsent(let request): "\(stage):request:\(request):unsent"
        case .request(let request, let point): "\(stage):request:\(request):\(point.rawValue)"
        case .call(let number, let loss, let seed): "\(stage):call:\(number):\(loss):\(seed)"
        case .failure(let failure, let number, let isPassing):
            "\(stage):\(failure.rawValue):\(number):\(isPassing ? "once" : "on")"
        case .lostFlush(let flush, let call): "\(stage):flush:\(flush):\(call)"
        case .damage(let damage, let seed): "\(stage):damage:\(seed):\(damage.rawValue)"
        }
    }

    init(stage: Int, _ moment: Moment) {
        self.stage = stage
        self.moment = moment
    }

    var isRequest: Bool {
        switch moment {
        case .unsent, .request: true
        case .call, .failure, .lostFlush, .damage: false
        }
    }

    /// Before a call, not at a request.
    var isCall: Bool { if case .call = moment { true } else { false } }

    /// What the power takes with it.
    var loss: CrashPage.Loss { if case .call(_, let loss, _) = moment { loss } else { .none } }

    /// What ``description`` says; nil for anything else.
    init?(_ text: Substring) {
        let parts = text.split(separator: ":")
        guard parts.count >= 4, let stage = Int(parts[0]), let number = Int(parts[2]) else { return nil }
        self.stage = stage
        switch parts[1] {
        case "request":
            if parts[3] == "unsent" {
                moment = .unsent(request: number)
            } else {
                guard let point = Fault.Point(rawValue: String(parts[3])) else { return nil }
                moment = .request(number, point)
            }
        case "call":
            guard parts.count == 5, let seed = Int(parts[4]),
                let loss = CrashPage.Loss.allCases.first(where: { "\($0)" == parts[3] })
            else { return nil }
            moment = .call(number, loss, seed: seed)
        case "flush":
            guard let call = Int(parts[3]) else { return nil }
            moment = .lostFlush(number, thenCall: call)
        case "damage":
            guard let damage = Damage(rawValue: String(parts[3])) else { return nil }
            moment = .damage(damage, seed: number)
        default:
            guard let failure = Failure(rawValue: String(parts[1])), ["once", "on"].contains(parts[3]) else {
                return nil
            }
            moment = .failure(failure, from: number, isPassing: parts[3] == "once")
        }
    }

    /// Whether the log may end in frames that do not add up: the journal says so, since a commit that was acknowledged and
    /// then damaged looks the same.
    var mayRaiseAlarm: Bool { isDamage || isFailure || isLostFlush || loss != .none }

    var isDamage: Bool { if case .damage = moment { true } else { false } }

    var isLostFlush: Bool { if case .lostFlush = moment { true } else { false } }

    var isFailure: Bool { if case .failure = moment { true } else { false } }

    /// Every request at each of its five moments: not sent, sent and never seen, done without an answer, half an answer,
    /// and a whole answer that nobody has put on record.
    static func requests(of survey: CrashScenario.Survey) -> [CrashPoint] {
        survey.stages.enumerated().flatMap { stage, counts in
            (1...counts.requests).flatMap { number in
                [CrashPoint(stage: stage + 1, .unsent(request: number))]
                    + Fault.Point.allCases.map { CrashPoint(stage: stage + 1, .request(number, $0)) }
            }
        }
    }

    /// Every call to the disk and the network, with each of these losses.
    static func calls(of survey: CrashScenario.Survey, _ losses: [CrashPage.Loss], seeds: Int) -> [CrashPoint] {
        survey.stages.enumerated().flatMap { stage, counts in
            (1...counts.calls).flatMap { number in
                losses.flatMap { loss in
                    // Where nothing is left to chance, one seed is all.
                    (1...(loss == .half || loss == .torn ? seeds : 1)).map {
                        CrashPoint(stage: stage + 1, .call(number, loss, seed: $0))
                    }
                }
            }
        }
    }

    /// Every write and every flush of the state directory, failing once or from then on.
    static func failures(of survey: CrashScenario.Survey) -> [CrashPoint] {
        survey.stages.enumerated().flatMap { stage, counts in
            Failure.allCases.flatMap { failure in
                (1...(failure == .badFlush ? counts.syncs : counts.writes)).flatMap { number in
                    [true, false].map {
                        CrashPoint(stage: stage + 1, .failure(failure, from: number, isPassing: $0))
                    }
                }
            }
        }
    }

    /// Every flush of the state directory, failing, with the power lost at one of the calls.
    static func lostFlushes(of survey: CrashScenario.Survey, _ dice: inout Dice) -> [CrashPoint] {
        var points: [CrashPoint] = []
        for (stage, counts) in survey.stages.enumerated() {
            for flush in 1...counts.syncs {
                let call = Int.random(in: 1...counts.calls, using: &dice)
                points.append(CrashPoint(stage: stage + 1, .lostFlush(flush, thenCall: call)))
            }
        }
        return points
    }
}
