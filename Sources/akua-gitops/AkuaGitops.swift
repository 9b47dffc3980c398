import ArgumentParser
import Daemon

/// The program.
///
/// Each command parses its arguments, asks one thing of the modules below, prints and says how it went.
@main
struct AkuaGitops: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "akua-gitops",
        abstract: "Keeps an Akua workspace in step with git.",
        version: Runtime.version,
        subcommands: [
            RunCommand.self, ReconcileCommand.self, PlanCommand.self, ValidateCommand.self, StatusCommand.self,
            HistoryCommand.self, AllowCommand.self, ReleaseCommand.self, TriggerCommand.self, SuspendCommand.self,
            ResumeCommand.self, ExplainCommand.self, ReplayCommand.self, ExportCommand.self, SchemaCommand.self,
        ])

    /// Conceals the memory before anything is read, whatever the command: most of them read the token.
    static func main() async {
        ProcessMemory.conceal()
        await main(nil)
    }
}
