/// Runs `body` for each of `cases`, a few at a time: for a test whose cases are independent and wait more than they work.
///
/// Name the case in what is expected of it, since the test has one name for all of them.
///
/// - Parameter limit: how many at once.
/// - Throws: ``CaseFailed`` for the first case that throws, once those under way have ended.
package func sideBySide<Case: Sendable>(
    _ cases: some Collection<Case>, atMost limit: Int = 4, _ body: @escaping @Sendable (Case) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (position, one) in cases.enumerated() {
            if position >= limit { try await group.next() }
            group.addTask {
                do {
                    try await body(one)
                } catch {
                    throw CaseFailed(name: "\(one)", error: error)
                }
            }
        }
        try await group.waitForAll()
    }
}

/// What one of several cases threw.
package struct CaseFailed: Error, CustomStringConvertible {
    package var name: String
    package var error: any Error

    package var description: String { "\(name): \(error)" }
}
