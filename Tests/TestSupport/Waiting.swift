/// Ends a test that would wait for ever, with a sentence.
package struct NeverHappened: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
}

/// Returns once `condition` holds; the one way in which tests look again and again.
///
/// - Parameters:
///   - what: is asked for when the time is over, so that it can say what was seen instead.
///   - patience: how long to look before `what` counts as never happening; far beyond what it takes on a busy machine.
/// - Throws: ``NeverHappened``, what `condition` throws, or `CancellationError`.
package func wait(
    for what: @autoclosure () -> String, patience: Duration = .seconds(60), until condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened(description: "never happened: \(what())") }
        try await Task.sleep(for: .milliseconds(1))
    }
}
