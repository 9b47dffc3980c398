import AkuaEmulator

/// A request of a ``CrashScenario`` and what befalls it, in words that replay it.
struct FaultPoint: Sendable, CustomStringConvertible {
    enum Moment: Sendable {
        /// That request of a call, counted from 1 within its pass.
        case request(call: String, nth: Int, FaultKind)
        /// All lists, in each stage up to this one, until nothing more comes of it.
        case lists(ListFault, seed: Int)
    }

    /// Which pass of the scenario, from 1.
    var stage: Int
    var moment: Moment

    var kind: String {
        switch moment {
        case .request(_, _, let kind): kind.name
        case .lists(let fault, _): fault.rawValue
        }
    }

    var description: String {
        switch moment {
        case .request(let call, let nth, let kind): "\(stage):\(call):\(nth):\(kind.name)"
        case .lists(let fault, let seed): "\(stage):lists:\(seed):\(fault.rawValue)"
        }
    }

    init(stage: Int, _ moment: Moment) {
        self.stage = stage
        self.moment = moment
    }

    /// What ``description`` says; nil for anything else.
    init?(_ text: Substring) {
        let parts = text.split(separator: ":")
        guard parts.count == 4, let stage = Int(parts[0]), let number = Int(parts[2]) else { return nil }
        self.stage = stage
        if parts[1] == "lists" {
            guard let fault = ListFault(rawValue: String(parts[3])) else { return nil }
            moment = .lists(fault, seed: number)
        } else {
            guard let kind = FaultKind.named(parts[3]) else { return nil }
            moment = .request(call: String(parts[1]), nth: number, kind)
        }
    }

    /// Every request with every kind of fault that can befall it, and every list fault in every stage.
    static func all(of stages: [[String: Int]], seeds: Int) -> [FaultPoint] {
        stages.enumerated().flatMap { index, calls in
            let requests = calls.sorted { $0.key < $1.key }.flatMap { call, count in
                FaultKind.all.filter { $0.befalls(call) }.flatMap { kind in
                    (1...count).map { FaultPoint(stage: index + 1, .request(call: call, nth: $0, kind)) }
                }
            }
            let lists = ListFault.allCases.flatMap { fault in
                (1...seeds).map { FaultPoint(stage: index + 1, .lists(fault, seed: $0)) }
            }
            return requests + lists
        }
    }
}

/// R7: lists that are late, incomplete, repetitive or out of order, while single reads are true.
enum ListFault: String, CaseIterable, Sendable {
    case late1 = "late-1"
    case late2 = "late-2"
    case late3 = "late-3"
    case late5 = "late-5"
    case omitted, repeated, shuffled
    /// Pages of two, in another order each time: what moves while the cursor walks.
    case shuffledPages = "shuffled-pages"
    /// All of it.
    case everything

    func set(_ switches: inout Switches) {
        switch self {
        case .late1: switches.listLagWalks = 1
        case .late2: switches.listLagWalks = 2
        case .late3: switches.listLagWalks = 3
        case .late5: switches.listLagWalks = 5
        case .omitted: switches.listOmitPercent = 30
        case .repeated:
            switches.listRepeatPercent = 50
            switches.listPageMax = 2
        case .shuffled: switches.listOrder = .shuffled
        case .shuffledPages:
            switches.listOrder = .shuffledEachPage
            switches.listPageMax = 2
        case .everything:
            switches.listLagWalks = 1
            switches.listOmitPercent = 10
            switches.listRepeatPercent = 30
            switches.listOrder = .shuffledEachPage
            switches.listPageMax = 2
        }
    }

    static func clear(_ switches: inout Switches) {
        let usual = Switches()
        switches.listLagWalks = usual.listLagWalks
        switches.listOmitPercent = usual.listOmitPercent
        switches.listRepeatPercent = usual.listRepeatPercent
        switches.listOrder = usual.listOrder
        switches.listPageMax = usual.listPageMax
    }
}
