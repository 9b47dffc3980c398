import ArgumentParser
import Bootstrap
import Daemon
import Foundation
import Journal
import Manifests
import NIOPosix
import Reconciler
import Telemetry

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

struct SuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Have nothing written until it is resumed.",
        discussion: """
            The daemon goes on looking and reports what it would do. It is remembered across restarts; what was sent \
            before is settled. A suspension by commit (spec.suspend of the Settings) is another matter: resume does not \
            lift it.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Why, for whoever asks.")
    var reason: String

    @Option(
        help: ArgumentHelp(
            "When it ends by itself: a moment in UTC such as 2026-12-01T08:00:00Z, or a length of time such as 90m.",
            valueName: "when"))
    var until: SuspensionEnd?

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            let now = Environment.system.now()
            let until = until?.seconds(from: now / 1_000)
            return try await Control.ask(
                .suspend(source: common.source, reason: reason, until: until), configuration, common,
                orElse: { journal in
                    try await JournalCommands(journal).suspend(
                        configuration.sources.map(\.name), reason: reason, until: until, now: now)
                })
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Take back what suspend did, and reconcile now.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reporting {
            let configuration = try common.loadConfiguration()
            return try await Control.ask(
                .resume(source: common.source), configuration, common,
                orElse: { journal in
                    try await JournalCommands(journal).resume(
                        configuration.sources.map(\.name), now: Environment.system.now())
                })
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
            try Output.print(TerminalText.safe(message) + "; no daemon is running, the next reconcile acts on it\n")
            return .inSync
        }
        switch reply {
        case .done(let message, _):
            try Output.print(TerminalText.safe(message) + "\n")
            return .inSync
        case .refused(let code, let message): throw Failure(code == CommandRefusal.malformed ? .usage : .other, message)
        }
    }
}
