import JSON
import Telemetry
import Testing

extension RunningDaemon {
    /// Every line is of an event of the catalogue and carries only the fields that the catalogue gives it.
    func expectCatalogue() {
        var found: Set<String> = []
        for line in lines {
            guard let event = Event(rawValue: line.event) else {
                found.insert("'\(line.event)' is no event")
                continue
            }
            // A library brings names of its own.
            guard event != .libraryLogged else { continue }
            let allowed = Set(event.fields.union(Field.ofAnyLine).map(\.rawValue)).union(Self.ofEveryLine)
            for name in line.json.object?.names ?? [] where !allowed.contains(name) {
                found.insert("\(line.event) carries \(name)")
            }
        }
        #expect(found.sorted() == [], "not in docs/reference/events.md")
    }

    private static let ofEveryLine: Set<String> = ["v", "ts", "level", "event", "msg", "truncated"]
}
