import JSON
import Journal
import Manifests
import Planning
import Reconciler
import Telemetry

/// What the control socket's requests do.
struct ControlHandler: Sendable {
    let journal: Journal
    let loops: SourceLoops
    let board: StatusBoard
    let logger: Logger

    func answer(_ request: ControlRequest) async -> ControlReply {
        switch request {
        case .allow(let digest, let source):
            guard loops.has(source) else { return unknown(source) }
            let reply = await reply {
                try await JournalCommands(journal).allow(digest, source: source, configured: loops.names)
            }
            if case .done = reply { _ = loops.trigger(source) }
            return reply
        case .release(let kind, let name, let source):
            let commands = JournalCommands(journal)
            let owner: String
            do { owner = try await commands.owner(ofKind: kind, name: name, source: source) } catch {
                return .refused(code: "refused", message: "\(error)")
            }
            // A pass keeps the records of its objects in memory: what is changed beside it would be written over.
            return await loops.betweenPasses(of: owner) {
                await reply { try await commands.release(kind: kind, name: name, source: owner) }
            }
        case .trigger(let source):
            guard loops.has(source) else { return unknown(source) }
            return .done(message: "triggered \(loops.trigger(source).joined(separator: ", "))", details: nil)
        case .suspend(let source, let reason, let until):
            guard loops.has(source) else { return unknown(source) }
            return await suspend(source.map { [$0] } ?? loops.names, reason, until)
        case .resume(let source):
            guard loops.has(source) else { return unknown(source) }
            return await resume(source.map { [$0] } ?? loops.names)
        }
    }

    /// Answers once nothing more is written: a pass that runs has ended by then.
    private func suspend(_ sources: [String], _ reason: String, _ until: Int?) async -> ControlReply {
        let now = Environment.system.now()
        // Durable before the running pass is told to end: should the daemon be killed meanwhile, it holds all the same.
        let reply = await reply {
            try await JournalCommands(journal).suspend(sources, reason: reason, until: until, now: now)
        }
        guard case .done = reply else { return reply }
        let suspension = PassReport.Suspension(author: .person, reason: reason, since: now, until: until)
        await withDiscardingTaskGroup { group in
            for source in sources {
                group.addTask {
                    await loops.betweenPasses(of: source) { board.suspend(source, suspension) }
                    logger.emit(
                        .sourceSuspended, "a person has suspended the source: nothing is written",
                        [.source: source, .reason: reason, .until: until])
                }
            }
        }
        return reply
    }

    private func resume(_ sources: [String]) async -> ControlReply {
        let reply = await reply { try await JournalCommands(journal).resume(sources, now: Environment.system.now()) }
        guard case .done = reply else { return reply }
        for source in sources {
            logger.emit(.sourceResumed, "a person has resumed the source", [.source: source])
            board.suspend(source, nil)
            _ = loops.trigger(source)
        }
        return reply
    }

    private func unknown(_ source: String?) -> ControlReply {
        .refused(
            code: "unknown-source",
            message: "no source is called '\(source ?? "")'; there is \(loops.names.joined(separator: ", "))")
    }

    private func reply(_ body: () async throws -> String) async -> ControlReply {
        do {
            return .done(message: try await body(), details: nil)
        } catch let refusal as CommandRefusal {
            return .refused(code: refusal.code, message: refusal.description)
        } catch {
            return .refused(code: "refused", message: "\(error)")
        }
    }
}
