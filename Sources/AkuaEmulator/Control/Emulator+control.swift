package import JSON

/// The control API for whoever runs an emulator in the same process.
extension Emulator {
    /// The requests with a number above `number`, oldest first, as far as they are kept.
    package func requests(after number: Int = 0) -> [RecordedRequest] { core.log.requests(after: number) }

    /// How many requests there were of each call, by its name in the OpenAPI document, and how many at once.
    package var counts: (byCall: [String: Int], inFlightMax: Int) { core.log.counts }

    /// Returns once so many requests of a call have come in since the start or ``clearRequests()``.
    package func waitForRequests(of call: String, count: Int) async {
        await core.log.waitForRequests(of: call, count: count)
    }

    /// Forgets all requests; their numbers go on.
    package func clearRequests() { core.log.clear() }

    /// Puts a fault in force, and answers its number.
    @discardableResult
    package func add(_ fault: Fault) -> Int { core.faults.add(fault) }

    /// Ends one fault, or all.
    package func removeFaults(_ number: Int? = nil) { core.faults.remove(number) }

    /// How often each fault in force has happened, by its number.
    package var faultsHappened: [Int: Int] { core.faults.happened }

    /// All that the emulator knows, with what the API never shows.
    package var state: JSONValue { core.withWorld { $0.dump() } }

    package var switches: Switches { core.withWorld { $0.switches } }

    /// Changes switches while it runs.
    package func setSwitches(_ change: @Sendable (inout Switches) -> Void) {
        core.withWorld { change(&$0.switches) }
    }

    /// Lets somebody else change things, past the API.
    package func apply(_ drift: Drift) throws { try core.withWorld { world throws(Refusal) in try world.apply(drift) } }

    /// Puts many objects into the world at once.
    @discardableResult
    package func populate(_ population: Population) throws -> Population.Made {
        try core.withWorld { world throws(Refusal) in try world.populate(population) }
    }

    /// Registers an artifact: an import of it has to come with this schema.
    package func register(ociRef: String, ref: String, inputSchema: JSONValue) {
        core.withWorld { $0.register(ociRef: ociRef, ref: ref, inputSchema: inputSchema) }
    }

    /// Takes other tokens from here on.
    package func setTokens(_ tokens: [AccessToken]) { core.setTokens(tokens) }

    /// Lets the emulator's time pass until nothing is due any more.
    package func runToRest() { core.runToRest() }

    /// Lets that much of the emulator's time pass at once.
    package func advance(milliseconds: Int) {
        core.clock.advance(milliseconds: milliseconds)
        core.clockChanged()
    }
}
