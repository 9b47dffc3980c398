import ArgumentParser
import Bootstrap
import Foundation
import JSON
import Manifests
import Planning
import Reconciler
import Telemetry
import Testing

@testable import akua_gitops

/// The documents name everything that users meet: what is added to the code has to be added to them.
@Suite struct DocumentationTests {
    private func missing(_ words: some Sequence<String>, in path: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        let known = Set(text.matches(of: /[A-Za-z0-9_.-]+/).map { String($0.output).trimmingCharacters(in: ["."]) })
        return words.filter { !known.contains($0) }
    }

    @Test func `every event is explained`() throws {
        // Announced for later; nothing of this version emits it.
        let events = Event.allCases.filter { $0 != .reconcileSkipped }
        // A line of the table names several: `daemon.starting` `.ready`.
        let whole = try missing(events.map(\.rawValue), in: "docs/logs.md")
        let parts = whole.compactMap { $0.split(separator: ".").last.map(String.init) }
        #expect(try missing(parts, in: "docs/logs.md") == [])
    }

    @Test func `every reason is explained`() throws {
        let blocks: [Block] = [
            .pruneLimit, .emptyPath, .rewrittenHistory, .nowSkipped, .massAbsence, .recoveredOrphan,
        ]
        let stops = ["behind", "other-source"]
        let reasons = Hold.Code.allCases.map(\.rawValue) + blocks.map(\.rawValue) + stops
        #expect(try missing(reasons, in: "docs/safety.md") == [])
    }

    @Test func `every command and every exit code is explained`() throws {
        let commands = AkuaGitops.configuration.subcommands.compactMap { $0.configuration.commandName }
        #expect(commands.count >= 10)
        #expect(try missing(commands, in: "docs/commands.md") == [])
        let codes = [ExitStatus.inSync, .other, .planHasActions, .usage, .invalidManifests, .unreachable, .temporary]
        #expect(try missing((codes + [.invalidConfiguration]).map { "\($0.rawValue)" }, in: "docs/commands.md") == [])
        #expect(try missing(ActionWord.allCases.map(\.rawValue), in: "docs/commands.md") == [])
    }

    @Test func `every key of the configuration is explained`() throws {
        let names = Keys.all.flatMap { [$0.name.path, $0.name.environment] }
        #expect(try missing(names, in: "docs/configuration.md") == [])
    }

    @Test func `every field of a manifest is explained`() throws {
        var fields: Set<String> = []
        func collect(_ schema: JSONValue) {
            switch schema {
            case .object(let object):
                fields.formUnion(object["properties"]?.object?.names ?? [])
                for (_, value) in object { collect(value) }
            case .array(let items): items.forEach(collect)
            default: break
            }
        }
        collect(ManifestSchema.document)
        #expect(fields.count > 40)
        // Parts of Settings are explained in its sample.
        let here = try missing(fields.sorted(), in: "docs/manifests.md")
        #expect(try missing(here, in: "config/settings.yaml") == [])
    }

    @Test func `every metric that is measured is explained`() throws {
        let later: Set<Metric> = [.fights, .operationsInFlight]
        let names = Set(Metric.allCases).subtracting(later).map(\.rawValue).sorted()
        #expect(try missing(names, in: "docs/logs.md") == [])
    }
}
