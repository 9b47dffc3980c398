import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import Manifests
import NIOPosix
import Reconciler

struct AllowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Release exactly the blocked set with this digest, once.",
        discussion: "If what is blocked is another set by then, the permission is without effect.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The digest, as plan and prune.blocked show it.")
    var digest: BlockedDigest

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            return try await Control.ask(
                .allow(digest: digest.text, source: common.source), configuration, common,
                orElse: { journal in
                    try await JournalCommands(journal).allow(
                        digest.text, source: common.source, configured: configuration.sources.map(\.name))
                })
        }
    }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Disown an object without deleting it.",
        discussion: "Remove its manifest first: what is still declared is taken up again by the next pass.")

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("The object, as in Install/checkout-eu.", valueName: "kind/name"))
    var object: OwnedObject

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let (kind, name) = (object.kind.rawValue, object.name)
            return try await Control.ask(
                .release(kind: kind, name: name, source: common.source), configuration, common,
                orElse: { journal in
                    try await JournalCommands(journal).release(kind: kind, name: name, source: common.source)
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
            try await Control.ask(.trigger(source: common.source), try common.loadConfiguration(), common, orElse: nil)
        }
    }
}

/// Talks to the running daemon; where none runs, changes the journal itself.
private enum Control {
    static func ask(
        _ request: ControlRequest, _ configuration: Configuration, _ common: CommonOptions,
        orElse direct: ((Journal) async throws -> String)?
    ) async throws -> ExitStatus {
        let client = ControlClient(
            runtimeDirectory: ProcessInfo.processInfo.environment["RUNTIME_DIRECTORY"],
            stateDirectory: configuration.stateDirectory, group: MultiThreadedEventLoopGroup.singleton,
            patience: .seconds(common.timeout ?? 20))
        let reply: ControlReply
        do {
            reply = try await client.send(request)
        } catch {
            guard let direct, case .noDaemon = error else { throw Failure(.other, error.description) }
            let opened = try Journal.open(directory: configuration.stateDirectory, now: Environment.system.now())
            defer { opened.journal.close() }
            opened.report()
            let message = try await direct(opened.journal)
            try Output.print(message + "; no daemon is running, the next reconcile acts on it\n")
            return .inSync
        }
        switch reply {
        case .done(let message, _):
            try Output.print(message + "\n")
            return .inSync
        case .refused(let code, let message): throw Failure(code == CommandRefusal.malformed ? .usage : .other, message)
        }
    }
}
