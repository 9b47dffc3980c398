import ArgumentParser
import Manifests

/// How a command prints what it found.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// How `plan` prints a plan.
enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

/// The digest of a set of blocked actions: 32 hex digits.
struct BlockedDigest: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard argument.utf8.count == 32, argument.allSatisfy(\.isHexDigit) else { return nil }
        text = argument.lowercased()
    }
}

/// An object as people write it: `Install/checkout-eu`.
struct OwnedObject: ExpressibleByArgument {
    let kind: Kind
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.kind = kind
        name = String(parts[1])
    }
}

/// When a suspension ends by itself: at a moment, or so long from now.
enum SuspensionEnd: ExpressibleByArgument {
    /// Unix seconds.
    case at(Int)
    case after(Duration)

    init?(argument: String) {
        if let seconds = MomentText.parse(argument) {
            self = .at(seconds)
        } else if let duration = DurationText.parse(argument), duration >= .seconds(1) {
            self = .after(duration)
        } else {
            return nil
        }
    }

    /// Unix seconds.
    func seconds(from now: Int) -> Int {
        switch self {
        case .at(let seconds): seconds
        case .after(let duration): now + Int(duration / .seconds(1))
        }
    }
}
