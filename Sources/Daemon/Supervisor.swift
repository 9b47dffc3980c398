import Bootstrap
import ServiceLifecycle
import Telemetry

/// Starts and stops the source loops: once, and again whenever SIGHUP brings another configuration.
struct Supervisor: Service {
    let first: Configuration
    let reload: @Sendable () throws -> Configuration
    let reloads: AsyncStream<Void>
    let listening: Listening
    let loops: SourceLoops
    let logger: Logger
    let notification: ServiceNotification

    func run() async throws {
        try await withGracefulShutdownHandler {
            var generation = try loops.generation(of: first)
            guard let address = await listening.address() else { return }
            loops.put(generation)
            notification.ready(status: loops.statusLine)
            logger.emit(
                .daemonReady, "the daemon watches its sources and answers",
                [.address: address.description, .count: first.sources.count])
            while let next = await serve(generation) {
                generation = next
                loops.put(generation)
                notification.ready(status: loops.statusLine)
                logger.emit(
                    .daemonReloaded, "the new configuration is in force",
                    [.outcome: "succeeded", .count: generation.configuration.sources.count])
            }
        } onGracefulShutdown: {
            logger.emit(.daemonStopping, "the daemon stops: what was sent is settled or left to the journal")
            loops.shutDown()
            notification.stopping(status: "stopping")
        }
    }

    /// Runs the loops of a configuration until the daemon stops, or until there is another.
    private func serve(_ generation: SourceLoops.Generation) async -> SourceLoops.Generation? {
        let next = await withTaskGroup(of: SourceLoops.Generation?.self) { group in
            group.addTask {
                await generation.run()
                return nil
            }
            group.addTask { await nextGeneration(after: generation.configuration) }
            let next = await group.next() ?? nil
            if next != nil {
                generation.stop()
                await group.waitForAll()
            }
            group.cancelAll()
            return next
        }
        await generation.close()
        return next
    }

    /// Waits for a SIGHUP that brings a configuration which can be used; another one is refused as a whole and said.
    private func nextGeneration(after current: Configuration) async -> SourceLoops.Generation? {
        for await _ in reloads {
            notification.reloading()
            do {
                let next = try reload()
                let fixed = next.fixedKeys(unlike: current)
                guard fixed.isEmpty else {
                    throw RuntimeError(
                        "\(fixed.joined(separator: " and ")) can't change while the daemon runs: restart it")
                }
                return try loops.generation(of: next)
            } catch {
                loops.refuseReload()
                notification.ready(status: loops.statusLine)
                logger.emit(
                    .daemonReloaded, "the new configuration is refused and the old one stays in force",
                    [.outcome: "failed", .error: "\(error)"], level: .error)
            }
        }
        return nil
    }
}
