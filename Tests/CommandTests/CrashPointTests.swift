import Testing

/// R2, R3: the real program, killed before any of its calls to the disk and to sockets, and with it the power.
@Suite struct CrashPointTests {
    @Test func `R2 I4: killed before any call to disk or network, the journal opens and nothing is doubled`()
        async throws
    {
        let exploration = CrashExploration("R2") { $0.count == 1 && $0[0].isCall && $0[0].loss == .none }
        try await exploration.run(sample: 8) { survey, _ in
            CrashPoint.calls(of: survey, [.none], seeds: 1).map { [$0] }
        }
    }

    @Test func `R3 I4: when the power fails before any call, what was sent is in the journal`() async throws {
        let exploration = CrashExploration("R3") { $0.count == 1 && $0[0].loss != .none }
        try await exploration.run(sample: 12) { survey, _ in
            CrashPoint.calls(of: survey, [.all, .half, .torn], seeds: 5).map { [$0] }
        }
    }
}
