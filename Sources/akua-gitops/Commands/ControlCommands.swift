import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import NIOPosix
import Reconciler

struct AllowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Release exactly the blocked set with this digest, once.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The digest, as plan and prune.blocked show it.")
    var digest: String

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            return try await Control.ask(
                .allow(digest: digest, source: common.source), configuration,
                orElse: { journal in
                    try await JournalCommands(journal).allow(
                        digest, source: common.source, configured: configuration.sources.map(\.name))
                })
        }
    }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Disown an object without deleting it.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The object, as in Install/checkout-eu.")
    var object: String

    func run() async throws {
        try await reporting {
            let parts = object.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Failure(.usage, "'\(object)' is not of the form KIND/NAME") }
            let configuration = try common.loadConfiguration()
            return try await Control.ask(
                .release(kind: parts[0], name: parts[1], source: common.source), configuration,
                orElse: { journal in
                    try await JournalCommands(journal).release(kind: parts[0], name: parts[1], source: common.source)
                })
        }
    }
}

struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Ask the running daemon to reconcile now.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reporting {
            try await Control.ask(.trigger(source: common.source), try common.loadConfiguration(), orElse: nil)
        }
    }
}

/// Talks to the running daemon; where none runs, changes the journal itself.
enum Control {
    static func ask(
        _ request: ControlRequest, _ configuration: Configuration,
        orElse direct: ((Journal) async throws -> String)?
    ) async throws -> ExitStatus {
        let client = ControlClient(
            runtimeDirectory: ProcessInfo.processInfo.environment["RUNTIME_DIRECTORY"],
            stateDirectory: configuration.stateDirectory, group: MultiThreadedEventLoopGroup.singleton)
        let reply: ControlReply
        do {
            reply = try await client.send(request)
        } catch {
            guard let direct, case .noDaemon = error else { throw Failure(.other, error.description) }
            let journal = try Journal.open(
                directory: configuration.stateDirectory, now: Environment.system.now()
            ).journal
            defer { journal.close() }
            Output.print(try await direct(journal) + " (no daemon is running)\n")
            return .inSync
        }
        switch reply {
        case .done(let message, _):
            Output.print(message + "\n")
            return .inSync
        case .refused(let code, let message): throw Failure(code == CommandRefusal.malformed ? .usage : .other, message)
        }
    }
}
