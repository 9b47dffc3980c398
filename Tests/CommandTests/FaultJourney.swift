import AkuaEmulator
import Foundation
import TestSupport

extension CrashScenario {
    /// How often each call was made in the first pass of each stage of an undisturbed run, and how it ended.
    struct CallSurvey: Sendable {
        var stages: [[String: Int]]
        var end: End
    }

    /// Goes the road undisturbed.
    func surveyCalls() async throws -> CallSurvey {
        var stages: [[String: Int]] = []
        let witness = RequestWitness()
        let journey = try await travel { _, stage, installation, journey in
            let seen = installation.emulator.emulator.requests().count
            try await rest(stage, installation, &journey, passesMax: 1, witness)
            let requests = installation.emulator.emulator.requests(after: seen)
            stages.append(requests.reduce(into: [:]) { $0[$1.call ?? "?", default: 0] += 1 })
        }
        guard journey.violations.isEmpty else { throw NeverHappened(description: "\(journey.violations)") }
        return CallSurvey(stages: stages, end: journey.end)
    }

    /// Goes the road with a fault on the way.
    func travel(suffering point: FaultPoint) async throws -> Journey {
        let witness = RequestWitness()
        var journey = try await travel { options in
            let observer = options.observer
            options.observer = { exchange in
                observer?(exchange)
                witness.see(exchange)
            }
            guard case .lists(let fault, let seed) = point.moment else { return }
            options.seed = UInt64(seed)
            fault.set(&options.switches)
        } _: { number, stage, installation, journey in
            let emulator = installation.emulator.emulator
            switch point.moment {
            case .request(let call, let nth, let kind) where number == point.stage:
                let faults = kind.faults(call, nth).map { emulator.add($0) }
                _ = try await witness.pass(installation)
                let happened = emulator.faultsHappened
                if faults.allSatisfy({ happened[$0] == 0 }) { journey.isReached = false }
                emulator.removeFaults()
                try await rest(stage, installation, &journey, passesMax: kind.passesMax, witness)
            case .lists(let fault, _) where number <= point.stage:
                // It may come to rest before lists are well again, or not; it must do nothing wrong.
                for _ in 1...Self.distortedPasses where try await witness.pass(installation).status == stage.status {
                    break
                }
                emulator.setSwitches(ListFault.clear)
                try await rest(stage, installation, &journey, passesMax: 2, witness)
                if number < point.stage { emulator.setSwitches { fault.set(&$0) } }
            case .request, .lists: try await rest(stage, installation, &journey, passesMax: 1, witness)
            }
        }
        journey.violations += witness.violations
        return journey
    }

    /// Passes over lists that are not what they should be.
    private static let distortedPasses = 8

    /// Passes until the stage ends as it is to, or a violation.
    private func rest(
        _ stage: Stage, _ installation: Installation, _ journey: inout Journey, passesMax: Int,
        _ witness: RequestWitness
    ) async throws {
        var ending: Installation.Ending
        var passes = 0
        repeat {
            ending = try await witness.pass(installation)
            passes += 1
        } while ending.status != stage.status && passes < passesMax
        if ending.status != stage.status {
            journey.violations.append("I5: no rest within \(passesMax) passes: \(ending)")
        }
    }
}
