import Foundation
package import Journal
import Manifests
package import Planning

// What a plan was made of, kept for a while and planned from again.

extension Reconciler {
    /// The most objects, and bytes, that the record of one plan may have: keeping it must cost a large source nothing.
    private static let weightMax = 1_000
    private static let bytesMax = 1 << 20

    /// What is to be kept of a plan that is about to be acted on; nothing where that would be too much.
    func memory(of input: PlanningInput, _ plan: Plan, in pass: Pass) -> [JournalEntry] {
        guard input.weight <= Self.weightMax else { return [] }
        // What can't be encoded is not kept, and replay says that there is nothing.
        guard let bytes = try? JSONEncoder().encode(PlanningRecord(input)), bytes.count <= Self.bytesMax else {
            return []
        }
        return [
            .planning(
                StoredPlanning(
                    reconcile: pass.id, source: source.name, recordedAt: environment.now(), digest: plan.digest,
                    input: Array(bytes)))
        ]
    }

    /// The plan that the record and its commit come to now; asks neither the remote nor the platform.
    package func replay(_ stored: StoredPlanning, at commit: String) async throws(SourceError) -> Plan {
        let record: PlanningRecord
        do {
            record = try JSONDecoder().decode(PlanningRecord.self, from: Data(stored.input))
        } catch {
            throw SourceError("what the plan was made of was written by another version: \(error)")
        }
        switch try await repository.load(commit) {
        case .valid(let declarations, _): return Planner.plan(record.input(declaring: declarations))
        case .empty: return Planner.plan(record.input(declaring: Declarations(DesiredState())))
        case .invalid(let errors):
            throw SourceError("this version takes commit \(commit) for invalid: \(errors.first?.description ?? "")")
        }
    }
}
