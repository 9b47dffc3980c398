import AkuaEmulator
import Foundation
import JSON
import TestSupport

/// The real program on a real repository, with the emulator standing in for the platform.
final class Installation: Sendable {
    let emulator: RunningEmulator
    let repository: GitFixture
    let folder: TemporaryFolder

    private init(emulator: RunningEmulator, repository: GitFixture, folder: TemporaryFolder) {
        self.emulator = emulator
        self.repository = repository
        self.folder = folder
    }

    /// What the configuration file says.
    struct Settings: Sendable {
        var sources: [Source]
        /// The emulator's own when nil.
        var baseURL: String?
        var pollInterval = "1s"
        var listen = "127.0.0.1:0"
        var level = "info"
        var format = "json"
        /// From the installation's folder.
        var stateDirectory = "state"
    }

    /// One source of the configuration.
    struct Source: Sendable {
        var name = "platform"
        /// The installation's own repository when nil.
        var url: String?
        var path: String?
    }

    /// What the file says as long as nobody configures anything else: the one repository.
    var settings: Settings { Settings(sources: [Source()]) }

    /// Runs `body` with an installation of its own: an empty workspace `ws_test` with the region `eu-central`.
    static func with<Value>(
        _ change: (inout EmulatorOptions) -> Void = { _ in }, _ body: (Installation) async throws -> Value
    ) async throws -> Value {
        var options = EmulatorOptions.fast
        options.workspaces = [.init(id: "ws_test", name: "Test", regions: ["eu-central"])]
        options.tokens = [AccessToken(value: "sk_akua_test", reach: .workspace("ws_test"))]
        change(&options)
        return try await RunningEmulator.with(options) { emulator in
            let folder = try TemporaryFolder()
            let repository = try await GitFixture(at: folder.appending("repository.git"))
            let installation = Installation(emulator: emulator, repository: repository, folder: folder)
            try installation.setToken("sk_akua_test")
            try installation.configure()
            return try await body(installation)
        }
    }

    /// Writes the token's file anew.
    func setToken(_ token: String) throws {
        let file = try folder.write(token + "\n", to: "token")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    }

    /// Writes the configuration's file anew, with these sources or the usual one.
    func configure(_ sources: Source..., baseURL: String? = nil) throws {
        try configure(Settings(sources: sources.isEmpty ? [Source()] : sources, baseURL: baseURL))
    }

    /// Writes the configuration's file anew, or another one beside it.
    func configure(_ settings: Settings, to file: String = "config.yaml") throws {
        let sources = settings.sources.map { source in
            let path = source.path.map { ", path: \"\($0)\"" } ?? ""
            return "  - {name: \(source.name), url: \"\(source.url ?? repository.path)\"\(path), "
                + "pollInterval: \(settings.pollInterval)}\n"
        }
        try folder.write(
            """
            api:
              baseURL: \(settings.baseURL ?? emulator.baseURL)
              tokenFile: \(folder.appending("token"))
            stateDirectory: \(folder.appending(settings.stateDirectory))
            server: {listen: "\(settings.listen)"}
            log: {level: \(settings.level), format: \(settings.format)}
            sources:
            \(sources.joined())
            """, to: file)
    }

    /// Test bundle and programs are built into one folder.
    static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "akua-gitops")

    struct Ending {
        var status: Int32
        var wasKilled: Bool
        var output: String
        var errors: String
    }

    /// Runs one command to its end; `onStart` is told its process id.
    func run(_ arguments: String..., onStart: (Int32) -> Void = { _ in }) async throws -> Ending {
        try await run(arguments, onStart: onStart)
    }

    /// The same with arguments at hand, variables besides those of this process, and so many descriptors at most.
    func run(
        _ arguments: [String], configuration: String = "config.yaml", environment: [String: String] = [:],
        descriptors: Int? = nil, onStart: (Int32) -> Void = { _ in }
    ) async throws -> Ending {
        let arguments = arguments + ["--config", folder.appending(configuration)]
        guard let descriptors else {
            return try await Self.run(arguments, environment, in: folder, onStart: onStart)
        }
        return try await Self.run(
            ["--nofile=\(descriptors)", Self.program.path] + arguments, of: URL(filePath: "/usr/bin/prlimit"),
            environment, in: folder, onStart: onStart)
    }

    /// `validate`, which takes no configuration.
    static func validate(_ path: String) async throws -> Ending {
        try await run(["validate", path], [:], in: try TemporaryFolder())
    }

    /// Runs another program to its end.
    static func run(
        _ arguments: [String], of program: URL = program, _ environment: [String: String], in folder: TemporaryFolder,
        onStart: (Int32) -> Void = { _ in }
    ) async throws -> Ending {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = program
        process.arguments = arguments
        let files = ["out", "err"].map { URL(filePath: folder.appending("\($0)-\(UUID().uuidString)")) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
                onStart(process.processIdentifier)
            } catch {
                continuation.resume()
            }
        }
        return Ending(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }

    /// Changes how the emulator's time passes, as `/_emulator/clock` takes it.
    func setClock(_ change: JSONValue) async throws {
        let answer = try await RawHTTP(port: emulator.address.port).send(
            "POST", "/_emulator/clock", headers: [("content-type", "application/json")],
            body: JSONWriter().bytes(of: change))
        guard answer.status == 200 else { throw CocoaError(.featureUnsupported) }
    }

    /// The writes that took effect since the emulator began, by call.
    var writes: [String: Int] {
        var counts: [String: Int] = [:]
        for request in emulator.emulator.requests() where !request.effects.isEmpty && !request.isReplay {
            counts[request.call ?? "?", default: 0] += 1
        }
        return counts
    }

    /// Live objects of a kind in the emulator's state.
    func live(_ kind: String) -> [JSONValue] {
        (emulator.emulator.state[kind]?.array ?? []).filter { $0["state"] != "deleted" && $0["deleted"] != true }
    }
}

/// The manifests of the small road.
enum Road {
    /// A manifest with its spec in YAML's flow style, such as `{region: eu-central}`.
    static func manifest(_ kind: String, _ name: String, _ spec: String) -> String {
        "apiVersion: gitops.akua.dev/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec: \(spec)\n"
    }

    /// An OCI package with its versions.
    static func package(_ versions: [String], of name: String = "checkout", more: String = "") -> String {
        let package = manifest("Package", name, "{ociRef: oci://registry.example.com/acme/\(name)\(more)}")
        return ([package] + versions.map { version(of: name, $0) }).joined(separator: "---\n")
    }

    static func version(of package: String, _ semver: String, ref: String? = nil) -> String {
        manifest(
            "PackageVersion", "\(package)-\(semver)",
            "{package: \(package), semver: \(semver), ref: \"\(ref ?? "sha256:\(semver)")\", "
                + "inputSchema: {type: object}}")
    }

    static func settings(_ spec: String) -> String { manifest("Settings", "settings", spec) }

    static func install(_ name: String, _ version: String, values: String = "{}", more: String = "") -> String {
        """
        apiVersion: gitops.akua.dev/v1
        kind: Install
        metadata: {name: \(name)}
        spec:
          package: checkout
          version: \(version)
          region: eu-central
          values: \(values)
        \(more)
        """
    }
}
