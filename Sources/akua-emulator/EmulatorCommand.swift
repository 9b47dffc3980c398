import AkuaEmulator
import ArgumentParser
import Foundation
import JSON
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a local Akua until it is told to stop.
@main
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "akua-emulator",
        abstract: "A local Akua: the platform's API on the loopback interface.",
        discussion: """
            Once it takes requests it prints one line of JSON with base_url, control_url, port, pid and workspace.
            The control API at control_url injects faults, shows the requests that came in, moves time and changes \
            objects behind the client's back.

            Switches, set with --switch NAME=VALUE, decide what the platform's documents leave open:
            \(Switches.all.map { "  \($0.name) (\($0.values))" }.joined(separator: "\n"))
            """)

    @Option(help: "Where to listen, as HOST:PORT; port 0 is any free one.")
    var listen = "127.0.0.1:0"

    @Option(help: "A file that gets the port number once it listens.")
    var portFile: String?

    @Option(help: "A file that keeps the state; without it the state is gone at the end.")
    var state: String?

    @Option(help: "How much faster than real time operations go.")
    var timeScale = 1.0

    @Flag(help: "Let time move by the control API alone.")
    var manualTime = false

    @Flag(help: "Let operations be done by the next request.")
    var instant = false

    @Option(help: "The token to take; AKUA_EMULATOR_TOKEN keeps it off the command line.")
    var token: String?

    @Option(
        help: "A workspace that is there from the start, as ws_...; may be repeated, the token belongs to the first.")
    var workspace: [String] = []

    @Option(help: "A region that every workspace has from the start, by name; may be repeated.")
    var region: [String] = []

    @Flag(help: "The token sees all workspaces, and has to name one with Akua-Context.")
    var broadToken = false

    @Option(help: "What ids, commits and chances depend on.")
    var seed: UInt64 = 1

    @Option(name: .customLong("switch"), help: "NAME=VALUE; may be repeated.")
    var switches: [String] = []

    @Option(help: "A certificate chain as PEM; with --tls-key the emulator speaks HTTPS, and HTTP/2 to those who ask.")
    var tlsCert: String?

    @Option(help: "The key of the certificate as PEM.")
    var tlsKey: String?

    @Option(help: "What is written to stderr: off or requests.")
    var log = LogTarget.off

    /// What is written to stderr.
    enum LogTarget: String, ExpressibleByArgument, CaseIterable { case off, requests }

    func run() async throws {
        var logger = Logger(label: "akua-emulator")
        logger.logLevel = .error
        let portFile = portFile
        let emulator = try Emulator(try options()) { address in
            announce(address, workspace: workspace.first ?? EmulatorOptions.defaultWorkspace)
            guard let portFile else { return }
            do {
                try Data("\(address.port)\n".utf8).write(to: URL(filePath: portFile), options: .atomic)
            } catch {
                report("The port file can't be written: \(error)")
            }
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [emulator], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private func options() throws -> EmulatorOptions {
        var options = EmulatorOptions()
        (options.host, options.port) = try place()
        options.stateFile = state
        options.timeScale = timeScale
        options.isTimeManual = manualTime
        options.seed = seed
        if instant { options.timing = .instant }
        if !workspace.isEmpty { options.workspaces = workspace.map { .init(id: $0, name: $0) } }
        for position in options.workspaces.indices { options.workspaces[position].regions = region }
        let own = options.workspaces.first?.id ?? EmulatorOptions.defaultWorkspace
        let value = token ?? ProcessInfo.processInfo.environment["AKUA_EMULATOR_TOKEN"] ?? EmulatorOptions.defaultToken
        options.tokens = [AccessToken(value: value, reach: broadToken ? .broad(nil) : .workspace(own))]
        for setting in switches { try set(setting, in: &options.switches) }
        if log == .requests {
            options.observer = { report("\($0.method) \($0.path) \($0.status)") }
        }
        switch (tlsCert, tlsKey) {
        case (let certificate?, let key?): options.tls = .init(certificateFile: certificate, keyFile: key)
        case (nil, nil): break
        default: throw ValidationError("--tls-cert and --tls-key go together.")
        }
        return options
    }

    private func place() throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw ValidationError("--listen takes HOST:PORT, such as 127.0.0.1:0.")
        }
        let host = listen[..<colon].trimmingPrefix("[")
        return (String(host.hasSuffix("]") ? host.dropLast() : host), Int(port))
    }

    /// A value that reads as JSON is taken as such, anything else as text.
    private func set(_ setting: String, in switches: inout Switches) throws {
        guard let sign = setting.firstIndex(of: "=") else { throw ValidationError("--switch takes NAME=VALUE.") }
        let text = String(setting[setting.index(after: sign)...])
        // A word is no JSON, and that is all right.
        let value = (try? JSONReader.read(text)) ?? .string(text)
        do {
            try switches.set(String(setting[..<sign]), to: value)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// Prints where the emulator can be reached, as one line of JSON.
private func announce(_ address: Emulator.Address, workspace: String) {
    let line: JSONValue = [
        "base_url": .string(address.baseURL), "control_url": .string(address.controlURL),
        "port": .number(JSONNumber(address.port)),
        "pid": .number(JSONNumber(Int(ProcessInfo.processInfo.processIdentifier))), "workspace": .string(workspace),
    ]
    FileHandle.standardOutput.write(Data(JSONWriter().bytes(of: line) + [0x0A]))
}

private func report(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
}
