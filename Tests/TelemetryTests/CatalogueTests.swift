import Crypto
import Foundation
import Telemetry
import TestSupport
import Testing

/// The events as they are documented: for people, and for the journal's `journalctl -x`.
@Suite struct CatalogueTests {
    @Test func `docs-reference-events.md says what the code says`() throws {
        try Golden.expect(EventDocument.markdown, isFile: "docs/reference/events.md")
    }

    @Test func `the journal's catalogue says what the code says`() throws {
        try Golden.expect(EventDocument.journalCatalogue, isFile: "systemd/akua-gitops.catalog")
    }

    @Test func `the journal takes the catalogue`() async throws {
        let folder = try TemporaryFolder()
        let place = folder.appending("usr/lib/systemd/catalog")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: folder.appending("var/lib/systemd/catalog"), withIntermediateDirectories: true)
        try Data(EventDocument.journalCatalogue.utf8).write(to: URL(filePath: "\(place)/akua-gitops.catalog"))
        try await Tool.run("journalctl", ["--root", folder.path, "--update-catalog"], in: "/")
        let listed = try await Tool.run("journalctl", ["--root", folder.path, "--list-catalog"], in: "/")
        let lines = listed.split(separator: "\n")
        #expect(lines.count == Event.allCases.count)
        for event in Event.allCases {
            #expect(lines.contains { $0.hasPrefix("\(event.messageID) akua-gitops: ") }, "\(event.rawValue)")
        }
    }

    @Test(arguments: Event.allCases)
    func `an event's id is the one that its name has for ever`(_ event: Event) {
        let digest = SHA256.hash(data: Array("akua-gitops event \(event.rawValue)".utf8))
        #expect(event.messageID == digest.prefix(16).map { String(format: "%02x", $0) }.joined())
    }

    @Test func `no two events share an id, and none has changed`() throws {
        #expect(Set(Event.allCases.map(\.messageID)).count == Event.allCases.count)
        let ids = Event.allCases.map { "\($0.rawValue) \($0.messageID)\n" }.sorted().joined()
        try Golden.expect(ids, is: "message-ids.txt")
    }

    @Test func `every field belongs to an event`() {
        let used = Event.allCases.reduce(into: Field.ofAnyLine) { $0.formUnion($1.fields) }
        #expect(Field.allCases.filter { !used.contains($0) } == [])
    }

    @Test func `what the sources log is in the catalogue`() throws {
        let events = Dictionary(uniqueKeysWithValues: Event.allCases.map { ("\($0)", $0) })
        let fields = Dictionary(uniqueKeysWithValues: Field.allCases.map { ("\($0)", $0) })
        var seen: Set<Event> = []
        var undocumented: [String] = []
        for (file, call) in try Self.emissions() {
            let head = call.prefix { $0 != "\"" }
            let named = head.matches(of: /\.([a-z]\w+)/).compactMap { events[String($0.1)] }
            seen.formUnion(named)
            for match in call.matches(of: /\.([a-z]\w+):\s/) {
                guard let field = fields[String(match.1)] else { continue }
                for event in named where !event.fields.contains(field) {
                    undocumented.append("\(file): \(event.rawValue) carries \(field.rawValue)")
                }
            }
        }
        #expect(undocumented == [])
        // Chosen by a variable, and the bridge's own.
        let others: Set<Event> = [.actionSucceeded, .actionFailed, .libraryLogged]
        #expect(Event.allCases.filter { !seen.contains($0) && !others.contains($0) } == [])
    }

    /// Every call of `emit` in the sources, up to its closing parenthesis, with its file.
    private static func emissions() throws -> [(file: String, call: Substring)] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let paths = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            return text.ranges(of: ".emit(").map { range in
                var depth = 1
                let call = text[range.upperBound...].prefix { character in
                    depth += character == "(" ? 1 : character == ")" ? -1 : 0
                    return depth > 0
                }
                return (path, call)
            }
        }
    }
}

/// The catalogue of events as documents.
enum EventDocument {
    static var markdown: String {
        var text = """
            # Events

            Every line of the log is one of these. Written from the code: `UPDATE_GOLDEN=1 swift test --filter CatalogueTests` writes
            it anew. Names and ids never change and are never used again; events and fields may be added. [logs.md](../logs.md) explains
            formats and what all lines have. `MESSAGE_ID` is the event's name in the journal: `journalctl MESSAGE_ID=…`, and
            `journalctl -x` adds what the catalogue says.

            | event | level | says that | fields | `MESSAGE_ID` |
            |---|---|---|---|---|

            """
        for event in Event.allCases {
            let level = event == .libraryLogged ? "its own" : event.level.rawValue
            let fields = names(event.fields).map { "`\($0)`" }.joined(separator: " ")
            text += "| `\(event.rawValue)` | \(level) | \(event.meaning) | \(fields) | `\(event.messageID)` |\n"
        }
        text += "\nA level may be another one where the place that logs knows better; the sentence then says when.\n"
        text += "\n## What to do\n\n| event | advice |\n|---|---|\n"
        for event in Event.allCases {
            if let advice = event.advice { text += "| `\(event.rawValue)` | \(advice) |\n" }
        }
        text += """

            ## Fields

            A field stands where it applies; one without a value is left out. In the journal they are in capitals and begin with
            `AKUA_`: `AKUA_NAME`. \(names(Field.ofAnyLine).map { "`\($0)`" }.joined(separator: " and ")) may stand in any line.

            | field | holds |
            |---|---|

            """
        for field in Field.allCases { text += "| `\(field.rawValue)` | \(field.meaning) |\n" }
        return text
    }

    static var journalCatalogue: String {
        var text = """
            # What journalctl -x adds to the lines of akua-gitops; docs/reference/events.md has the same as a table.
            # Written from the code: UPDATE_GOLDEN=1 swift test --filter CatalogueTests


            """
        for event in Event.allCases {
            let meaning = event.meaning.replacing("`", with: "'")
            text += "-- \(event.messageID)\nSubject: \(event.rawValue)\nDefined-By: akua-gitops\n\n"
            text += "This line says that \(meaning).\n"
            if event.fields.isSuperset(of: [.kind, .name]) { text += "\nIt is about @AKUA_KIND@/@AKUA_NAME@.\n" }
            if event.fields.contains(.reconcileID) {
                text += "\nAll lines of the same pass: journalctl AKUA_RECONCILE_ID=@AKUA_RECONCILE_ID@\n"
            }
            if let advice = event.advice { text += "\n\(advice.replacing("`", with: "'"))\n" }
            text += "\n"
        }
        return text
    }

    private static func names(_ fields: Set<Field>) -> [String] {
        Field.allCases.filter(fields.contains).map(\.rawValue)
    }
}
