import ArgumentParser
import JSON

@testable import akua_gitops

extension ReferenceDocument {
    /// From what the parser of arguments says of the commands, which is also what `--help` and the manual page show.
    static func commands() throws -> String {
        let dumped = try JSONReader.read(Array(AkuaGitops._dumpHelp().utf8))
        let tool = try Command(dumped["command"] ?? .null)
        let leaves = tool.subcommands.flatMap { $0.leaves(after: "") }
        // What most commands take is told once.
        var counts: [Argument: Int] = [:]
        for argument in leaves.flatMap(\.command.arguments) { counts[argument, default: 0] += 1 }
        let own = Set(tool.arguments)
        let common = Set(counts.filter { $0.value > leaves.count / 2 }.keys).subtracting(own)

        var text = """
            # Commands

            What each command of `akua-gitops` takes. Written from the code: `UPDATE_GOLDEN=1 swift test --filter ReferenceDocumentTests`
            writes it anew. [Commands](../commands.md) explains what they do, [exit codes](exit-codes.md) how they end.

            """
        for (name, command) in leaves {
            let positional = command.arguments.filter { $0.kind == "positional" }.map(\.spelling)
            text += "\n## " + ([name] + positional).joined(separator: " ") + "\n\n\(command.abstract)\n"
            if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
            let shown = command.arguments.filter { !common.contains($0) && !own.contains($0) }
            if !shown.isEmpty { text += "\n" + table(shown) }
            let missing = common.filter { !command.arguments.contains($0) }.map { "`\($0.preferredName)`" }.sorted()
            if missing.count == common.count {
                text += "\nTakes none of the common options.\n"
            } else if !missing.isEmpty {
                text += "\nOf the common options it does not take \(missing.joined(separator: ", ")).\n"
            }
        }
        text += "\n## Common options\n\n"
        text += table(leaves.first.map { $0.command.arguments.filter(common.contains) } ?? [])
        text += """

            Those that stand for a key of the configuration file are in its [reference](configuration.md), in the column *flag*; `--help-hidden`
            shows them.

            ## Without a command


            """
        return text + table(tool.arguments)
    }

    private static func table(_ arguments: [Argument]) -> String {
        table(
            ["argument", "default", ""],
            arguments.map { argument in
                let words = argument.values.isEmpty ? "" : argument.values.map { "`\($0)`" }.joined(separator: ", ")
                let text = [argument.abstract, words].filter { !$0.isEmpty }.joined(separator: " ")
                return ["`\(argument.spelling)`", argument.isRequired ? "**required**" : code(argument.fallback), text]
            })
    }

    private struct Command {
        var name: String
        var abstract: String
        var discussion: String
        var arguments: [Argument]
        var subcommands: [Command]

        init(_ json: JSONValue) throws {
            name = json["commandName"]?.string ?? ""
            abstract = json["abstract"]?.string ?? ""
            discussion = json["discussion"]?.string ?? ""
            arguments = (json["arguments"]?.array ?? []).filter { $0["shouldDisplay"] == true }.map(Argument.init)
            subcommands = try (json["subcommands"]?.array ?? [])
                .filter { $0["commandName"]?.string != "help" && $0["shouldDisplay"] != false }.map(Command.init)
        }

        /// The commands that do something, each by its words.
        func leaves(after words: String) -> [(name: String, command: Command)] {
            let name = words.isEmpty ? name : "\(words) \(name)"
            return subcommands.isEmpty ? [(name, self)] : subcommands.flatMap { $0.leaves(after: name) }
        }
    }

    private struct Argument: Hashable {
        var kind: String
        var names: [String]
        var preferredName: String
        var valueName: String
        var abstract: String
        var fallback: String?
        var values: [String]
        var isRequired: Bool

        init(_ json: JSONValue) {
            kind = json["kind"]?.string ?? ""
            let dashed = { (name: JSONValue) in
                (name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? "")
            }
            names = (json["names"]?.array ?? []).map(dashed)
            preferredName = json["preferredName"].map(dashed) ?? ""
            valueName = json["valueName"]?.string ?? ""
            abstract = json["abstract"]?.string ?? ""
            fallback = json["defaultValue"]?.string
            values = (json["allValues"]?.array ?? []).compactMap(\.string)
            isRequired = json["isOptional"] == false
        }

        /// As it is typed.
        var spelling: String {
            if kind == "positional" { return isRequired ? "<\(valueName)>" : "[<\(valueName)>]" }
            return names.joined(separator: ", ") + (kind == "option" ? " <\(valueName)>" : "")
        }
    }
}
