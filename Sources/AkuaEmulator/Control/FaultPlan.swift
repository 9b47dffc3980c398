import Foundation
import JSON
import Synchronization

/// The faults that are in force, and how often each has happened.
final class FaultPlan: Sendable {
    private struct Rule {
        var number: Int
        var fault: Fault
        var seen = 0
        var happened = 0
    }

    private struct State {
        var rules: [Rule] = []
        var last = 0
        var random: Mixer
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: Mixer(seed: seed))) }

    /// Puts a fault in force, and answers its number.
    func add(_ fault: Fault) -> Int {
        state.withLock {
            $0.last += 1
            $0.rules.append(Rule(number: $0.last, fault: fault))
            return $0.last
        }
    }

    /// Ends one fault, or all.
    func remove(_ number: Int? = nil) {
        state.withLock { $0.rules.removeAll { number == nil || $0.number == number } }
    }

    /// How often each fault has happened, by its number.
    var happened: [Int: Int] {
        state.withLock { Dictionary(uniqueKeysWithValues: $0.rules.map { ($0.number, $0.happened) }) }
    }

    /// The faults in force with what became of them.
    var json: JSONValue {
        state.withLock { state in
            .array(
                state.rules.map { rule in
                    var members = rule.fault.json.object ?? JSONObject()
                    members["id"] = .number(JSONNumber(rule.number))
                    members["seen"] = .number(JSONNumber(rule.seen))
                    members["happened"] = .number(JSONNumber(rule.happened))
                    return .object(members)
                })
        }
    }

    /// The fault that befalls this request: the first in force whose turn it is.
    func fault(call: String?, method: String, path: String, key: String?) -> (number: Int, fault: Fault)? {
        state.withLock { state in
            var chosen: (Int, Fault)?
            for position in state.rules.indices {
                let match = state.rules[position].fault.match
                guard match.call == nil || match.call == call, match.method == nil || match.method == method,
                    match.idempotencyKey == nil || match.idempotencyKey == key, match.covers(path)
                else { continue }
                state.rules[position].seen += 1
                let rule = state.rules[position]
                guard chosen == nil, rule.happened < rule.fault.timesMax ?? .max,
                    rule.fault.occasion.isNow(seen: rule.seen, &state.random)
                else { continue }
                state.rules[position].happened += 1
                chosen = (rule.number, rule.fault)
            }
            return chosen
        }
    }
}

extension Fault.Match {
    fileprivate func covers(_ text: String) -> Bool {
        guard let path else { return true }
        return path.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}

extension Fault.Occasion {
    fileprivate func isNow(seen: Int, _ random: inout Mixer) -> Bool {
        switch self {
        case .always: true
        case .nth(let number): seen == number
        case .every(let count): seen % count == 0
        case .probability(let chance): Double(random.next() >> 11) / Double(1 << 53) < chance
        }
    }
}
