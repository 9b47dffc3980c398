import Testing

/// R7, R10, R15–R17: the real program, with any kind of fault at any of its requests.
///
/// After the fault it comes to the undisturbed end within two passes, with the same count of effects on each object.
@Suite struct FaultTests {
    @Test func `R7 I1 I2 I10: whatever lists show, nothing is made or deleted wrongly`() async throws {
        try await FaultExploration(title: "R7") { $0.isOfLists }.run(sample: 3)
    }

    @Test func `R10 I3: whoever is faster between our read and our write loses nothing`() async throws {
        try await FaultExploration(title: "R10") { !$0.isOfLists && $0.isOfWriters }.run(sample: 2)
    }

    @Test func `R15 R16 R17 I5: whatever befalls a request, the end is the same and nothing is done twice`()
        async throws
    {
        try await FaultExploration(title: "R15–R17") { !$0.isOfLists && !$0.isOfWriters }.run(sample: 14)
    }
}

extension FaultPoint {
    fileprivate var isOfLists: Bool { if case .lists = moment { true } else { false } }
    fileprivate var isOfWriters: Bool { ["touched", "moved", "deleted"].contains(kind) }
}
