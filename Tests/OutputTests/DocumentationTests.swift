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

/// The documents that people write name what users meet, each in the place where it is explained.
///
/// What is added to the code has to be added to them, and what is gone from it has to go. Those that the code writes have `ReferenceDocumentTests`.
@Suite struct DocumentationTests {
    private let logs: Document
    private let safety: Document
    private let commands: Document
    private let manifests: Document

    init() throws {
        logs = try Document("docs/logs.md")
        safety = try Document("docs/safety.md")
        commands = try Document("docs/commands.md")
        manifests = try Document("docs/manifests.md")
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

    @Test func `every action word is explained, and every command named`() {
        let words = Document.terms(of: commands.section("A plan"))
        #expect(ActionWord.allCases.map(\.rawValue).filter { !words.contains($0) } == [])
        let named = Set(Document.terms(of: commands.section("Commands") + commands.section("The other JSON outputs")))
        let names = AkuaGitops.configuration.subcommands.compactMap { $0.configuration.commandName }
        #expect(names.filter { !named.contains($0) && $0 != "export" } == [])
    }

    @Test func `what all manifests have is explained`() throws {
        let sample = manifests.section("Manifests")
        let fields = ManifestSchema.document["$defs"]?["metadata"]?["properties"]?.object?.names ?? []
        #expect(!fields.isEmpty)
        for field in fields + ["apiVersion", "kind", "metadata", "spec", "deletionPolicy", "suspend"] {
            #expect(sample.contains("\(field):"), "\(field)")
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
}
