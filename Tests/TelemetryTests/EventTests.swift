import Logging
import Telemetry
import Testing

@Suite struct EventTests {
    @Test func `the events are those of the contract`() {
        let contract: [String: [String]] = [
            "daemon": ["starting", "ready", "reloaded", "stopping", "stopped"],
            "source": ["fetched", "unchanged", "rejected", "failed", "suspended", "resumed"],
            "manifest": ["invalid"],
            "reconcile": ["started", "finished", "failed", "skipped", "superseded"],
            "plan": ["computed"],
            "drift": ["detected"],
            "action": ["started", "succeeded", "failed", "deferred", "blocked"],
            "operation": ["waiting", "finished"],
            "render": ["recorded"],
            "prune": ["blocked"],
            "api": ["retried", "conflict", "throttled"],
            "journal": ["recovered"],
            "telemetry": ["failed"],
            "library": ["outdated", "logged"],
        ]
        let names = contract.flatMap { area, words in words.map { "\(area).\($0)" } }
        #expect(Set(Event.allCases.map(\.rawValue)) == Set(names))
    }

    @Test func `every field of the contract can be written`() {
        let contract = [
            "source", "revision", "commit", "reconcile_id", "kind", "name", "action", "outcome", "reason",
            "resource_id",
            "operation_id", "render_id", "render_commit_sha", "idempotency_key", "etag", "http_status", "attempt",
            "duration_ms", "error_code", "error", "created", "updated", "rendered", "deleted", "adopted", "unchanged",
            "failed",
        ]
        #expect(contract.filter { Field(rawValue: $0) == nil } == [])
    }

    @Test(arguments: Event.allCases)
    func `an event is written at its own level`(_ event: Event) {
        let (on, off) = (CapturedLog(level: event.level), CapturedLog(level: .critical))
        on.logger.emit(event, "something happened")
        off.logger.emit(event, "something happened")
        #expect(on.sink.texts.count == 1)
        #expect(off.sink.texts.isEmpty)
        #expect(
            on.sink.texts.first?.contains(#""level":"\#(event.level.rawValue)","event":"\#(event.rawValue)""#) == true)
    }

    @Test func `the place that emits may know the level better`() {
        let log = CapturedLog(level: .error)
        log.logger.emit(.sourceUnchanged, "still unchanged", level: .error)
        #expect(log.sink.texts.count == 1)
    }
}
