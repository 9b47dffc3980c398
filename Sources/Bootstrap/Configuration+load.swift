import Foundation
import Manifests

extension Configuration {
    /// Where the configuration is looked for unless `--config` says otherwise.
    package static let fileDefault = "/etc/akua-gitops/config.yaml"
    /// The largest file that is read, in bytes.
    private static let bytesMax = 1 << 20

    /// Reads and checks the whole configuration: flag > environment > file > default.
    ///
    /// - Parameters:
    ///   - file: The file's path; nil for ``fileDefault``, which alone need not exist.
    ///   - environment: The process's variables.
    ///   - flags: The texts of the flags that were given, by the path of their key.
    /// - Throws: everything that is wrong with it, in all layers. Files that it names are not looked at here but by
    ///   ``checkFiles()``, so that a command which needs none runs anywhere.
    package static func load(
        file: String?, environment: [String: String], flags: [String: String] = [:]
    ) throws(ConfigurationErrors) -> Configuration {
        let path = file ?? fileDefault
        let url = URL(filePath: path)
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            let bytes = Array(try handle.read(upToCount: bytesMax + 1) ?? Data())
            return try make(ConfigurationFile(bytes, path: path), environment, flags)
        } catch let errors as ConfigurationErrors {
            throw errors
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            guard file == nil else {
                throw ConfigurationErrors([ConfigurationError(at: .wholeFile(path), "there is no such file")])
            }
            return try make(ConfigurationFile(), environment, flags)
        } catch {
            throw ConfigurationErrors([ConfigurationError(at: .wholeFile(path), "can't be read by this user")])
        }
    }

    /// The same from bytes that are at hand; `path` is for messages and for relative paths.
    package static func parse(
        _ bytes: [UInt8], path: String, environment: [String: String] = [:], flags: [String: String] = [:]
    ) throws(ConfigurationErrors) -> Configuration {
        try make(ConfigurationFile(bytes, path: path), environment, flags)
    }

    private static func make(
        _ file: ConfigurationFile, _ environment: [String: String], _ flags: [String: String]
    ) throws(ConfigurationErrors) -> Configuration {
        var layers = Layers(file: file, environment: environment, flags: flags)
        layers.checkVariableNames()
        let baseURL = layers.resolve(Keys.apiBaseURL)
        let token = layers.token()
        let workspace = layers.resolve(Keys.apiWorkspace)
        let caFile = layers.resolve(Keys.apiCAFile)
        let maxConcurrency = layers.resolve(Keys.apiMaxConcurrency)
        let stateDirectory = layers.stateDirectory()
        let listen = layers.resolve(Keys.serverListen)
        let format = layers.resolve(Keys.logFormat)
        let level = layers.resolve(Keys.logLevel)
        let otlpEndpoint = layers.resolve(Keys.otlpEndpoint, orElse: Keys.otlpVariable)
        let sources = layers.sources(token: token, workspace: workspace)
        guard layers.errors.isEmpty, let baseURL, let token, let maxConcurrency, let stateDirectory, let listen,
            let format, let level
        else { throw ConfigurationErrors(layers.errors) }
        return Configuration(
            api: API(
                baseURL: baseURL, token: token, workspace: workspace, caFile: caFile, maxConcurrency: maxConcurrency),
            sources: sources, stateDirectory: stateDirectory, server: Server(listen: listen),
            log: Log(format: format, level: level), telemetry: Telemetry(otlpEndpoint: otlpEndpoint))
    }
}

extension Layers {
    /// The token: a flag's file, else the variable that holds it, else the file of a lower layer.
    fileprivate mutating func token() -> SecretSource? {
        let file = resolve(Keys.apiTokenFile)
        guard !isGivenByFlag(Keys.apiTokenFile), let text = environment[Keys.tokenVariable], !text.isEmpty else {
            return file
        }
        if isGivenByEnvironment(Keys.apiTokenFile) {
            report(
                ConfigurationError(
                    at: .environment(Keys.tokenVariable),
                    "says the same as \(Keys.apiTokenFile.name.environment)", hint: "set one of the two"))
        }
        return .text(text, variable: Keys.tokenVariable)
    }

    /// The directory that systemd made goes before the default, and after everything that somebody wrote down.
    fileprivate mutating func stateDirectory() -> String? {
        let resolved = resolve(Keys.stateDirectory)
        return isGiven(Keys.stateDirectory) ? resolved : variables.stateDirectory ?? resolved
    }

    fileprivate mutating func sources(token: SecretSource?, workspace: String?) -> [Configuration.Source] {
        var reader = SourceReader(file: file, variables: variables)
        var sources: [Configuration.Source] = []
        for node in file.sources {
            if let source = reader.read(node, token: token, workspace: workspace) { sources.append(source) }
        }
        for error in reader.errors { report(error) }
        checkNames(of: sources)
        return sources
    }

    /// A name means one source, for ever: no two may share one, former names included.
    private mutating func checkNames(of sources: [Configuration.Source]) {
        var owners: [String: Configuration.Source] = [:]
        for source in sources {
            for name in [source.name] + source.formerNames {
                guard let other = owners.updateValue(source, forKey: name) else { continue }
                let problem =
                    other.location == source.location
                    ? "the name \(Quoted(name)) is given twice to this source"
                    : "the name \(Quoted(name)) belongs to the source at \(other.location) already"
                report(ConfigurationError(at: .file(source.location), problem))
            }
        }
    }
}
