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

/// The documents name everything that users meet, each in the place where it is explained: what is added to the code has
/// to be added to them, and what is gone from it has to go.
@Suite struct DocumentationTests {
    private let logs: Document
    private let safety: Document
    private let commands: Document
    private let configuration: Document
    private let manifests: Document

    init() throws {
        logs = try Document("docs/logs.md")
        safety = try Document("docs/safety.md")
        commands = try Document("docs/commands.md")
        configuration = try Document("docs/configuration.md")
        manifests = try Document("docs/manifests.md")
    }

    @Test func `every metric is explained, with its labels`() throws {
        let names = Metric.allCases.map { metric in
            let labels = metric.labels.map(\.rawValue).joined(separator: ",")
            return metric.rawValue + (labels.isEmpty ? "" : "{\(labels)}")
        }
        #expect(Set(Document.terms(of: logs.section("Metrics"))) == Set(names + ["akua_gitops_"]))
    }

    @Test func `every attribute of a span is named`() {
        let named = Set(Document.terms(of: logs.section("Traces")))
        #expect(SpanField.allCases.map(\.rawValue).filter { !named.contains($0) } == [])
    }

    @Test func `every reason is explained, among those of its kind`() throws {
        func codes(_ belong: (Hold.Code) -> Bool) -> [String] { Hold.Code.allCases.filter(belong).map(\.rawValue) }
        let rows = safety.rows(of: "Reasons").flatMap { Document.terms(of: $0[0]) }
        #expect(rows.sorted() == (Block.allCases.map(\.rawValue) + codes(\.isBlocking)).sorted())
        func terms(ofParagraph start: String) -> Set<String> {
            let paragraph = safety.section("Reasons").split(separator: "\n\n").first { $0.hasPrefix(start) }
            return Set(Document.terms(of: paragraph.map(String.init) ?? ""))
        }
        #expect(terms(ofParagraph: "What is *held* passes by itself") == Set(codes { $0.counts && !$0.isBlocking }))
        #expect(terms(ofParagraph: "What is only *reported*") == Set(codes { !$0.counts }))
        let promises = Document.terms(of: safety.section("What holds, whatever fails"))
        for stop in ["behind", "other-source"] { #expect(promises.contains(stop)) }
    }

    @Test func `every command is explained, and every action word`() throws {
        let names = AkuaGitops.configuration.subcommands.compactMap { $0.configuration.commandName }
        let explained = commands.rows(of: "Commands").flatMap { Document.terms(of: $0[0]) }
        #expect(Set(explained.map { String($0.prefix { $0 != " " }) }) == Set(names))
        let words = Document.terms(of: commands.section("A plan"))
        #expect(ActionWord.allCases.map(\.rawValue).filter { !words.contains($0) } == [])
    }

    @Test func `every exit code is explained, and which is the gravest`() throws {
        let codes = [
            ExitStatus.inSync, .other, .planHasActions, .usage, .invalidManifests, .unreachable, .temporary,
            .invalidConfiguration,
        ]
        let explained = commands.rows(of: "Exit codes").compactMap { Int32($0[0]) }
        #expect(explained.sorted() == codes.map(\.rawValue).sorted())
        let order = codes.filter { $0 != .usage }.sorted(by: >).map { "\($0.rawValue)" }.joined(separator: ", ")
        #expect(commands.section("Exit codes").contains("the gravest wins: \(order)."))
    }

    @Test func `every key of the configuration is explained, with its variable and its default`() throws {
        let rows = configuration.rows(of: "Configuration").map { $0.prefix(3).map { Document.terms(of: $0) } }
        let expected = Keys.all.map { key in
            // What the system provides when nothing is said has no text of its own.
            [[key.name.path], [key.name.environment], key.defaultText.map { [$0] } ?? []]
        }
        #expect(rows == expected)
    }

    @Test(arguments: Kind.allCases.map(\.rawValue) + ["Settings"])
    func `every field of a manifest is explained`(_ kind: String) throws {
        let common: Set = ["deletionPolicy", "suspend"]
        let schema = try #require(ManifestSchema.document["$defs"]?[kind])
        let fields = schema["properties"]?.object?.names ?? []
        #expect(!fields.isEmpty)
        let section = Set(Document.terms(of: manifests.section(kind)).flatMap(Document.words))
        #expect(fields.filter { !section.contains($0) && (kind == "Settings" || !common.contains($0)) } == [])
        // Parts of Settings are explained in its sample, those of the others where the field is.
        let sample = try Document("config/settings.yaml").section("")
        let place = kind == "Settings" ? Set(Document.words(of: sample)) : section
        #expect(Self.properties(in: schema).filter { !place.contains($0) && !common.contains($0) } == [])
    }

    @Test func `what all manifests have is explained`() throws {
        let sample = manifests.section("Manifests")
        let fields = ManifestSchema.document["$defs"]?["metadata"]?["properties"]?.object?.names ?? []
        #expect(!fields.isEmpty)
        for field in fields + ["apiVersion", "kind", "metadata", "spec", "deletionPolicy", "suspend"] {
            #expect(sample.contains("\(field):"), "\(field)")
        }
    }

    /// The names of all fields in a schema, at whatever depth.
    private static func properties(in schema: JSONValue) -> Set<String> {
        switch schema {
        case .object(let object):
            object.reduce(into: Set(object["properties"]?.object?.names ?? [])) { names, member in
                names.formUnion(properties(in: member.value))
            }
        case .array(let items): items.reduce(into: []) { $0.formUnion(properties(in: $1)) }
        default: []
        }
    }
}

/// A document, as far as one can look up in it what it claims.
private struct Document {
    /// The text under each heading up to the next; that before the first has an empty one.
    private var sections: [String: String] = [:]

    init(_ path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        var (heading, isCode) = ("", false)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            if path.hasSuffix(".md"), !isCode, let match = line.prefixMatch(of: /#+ (.*)/) {
                heading = String(match.1)
            } else {
                sections[heading, default: ""] += line + "\n"
            }
        }
    }

    /// Empty where there is no such heading.
    func section(_ heading: String) -> String { sections[heading] ?? "" }

    /// The rows of the tables in a section, without their heads, each as its cells.
    func rows(of heading: String) -> [[String]] {
        let lines = section(heading).split(separator: "\n").filter { $0.hasPrefix("|") }
        let heads = lines.indices.filter { lines[$0].hasPrefix("|-") }.flatMap { [$0 - 1, $0] }
        return lines.indices.filter { !heads.contains($0) }.map { index in
            lines[index].replacing("\\|", with: "/").split(separator: "|", omittingEmptySubsequences: false)
                .dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// What stands in code spans.
    static func terms(of text: String) -> [String] { text.matches(of: /`([^`\n]+)`/).map { String($0.1) } }

    /// The names in a text, such as `kubernetes` and `minVersion` in `kubernetes: {minVersion}`.
    static func words(of text: String) -> [String] { text.matches(of: /[A-Za-z0-9_]+/).map { String($0.output) } }
}
