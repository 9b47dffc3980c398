/// Ends a test that would wait for ever, with a sentence.
package struct NeverHappened: Error, CustomStringConvertible {
    package var description: String
}

/// Returns once `condition` holds.
///
/// - Parameter patience: how long to look before `what` counts as never happening; far beyond what it takes on a busy
///   machine.
/// - Throws: ``NeverHappened``, what `condition` throws, or `CancellationError`.
package func wait(
    for what: String, patience: Duration = .seconds(60), until condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened(description: "never happened: \(what)") }
        try await Task.sleep(for: .milliseconds(1))
    }
}
