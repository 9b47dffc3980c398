import Bootstrap
import Foundation
import JSON

@testable import Manifests

extension FuzzTarget {
    static let manifests = [
        FuzzTarget("manifests", "a source reads the same with and without a cache; errors are located and bounded") {
            (input: [UInt8]) async throws in try await check(FuzzedTree(input))
        },
        FuzzTarget("settings", "a Settings document in force has every figure in its range") {
            (input: [UInt8]) async throws in
            let head = "apiVersion: gitops.akua.dev/v1\nkind: Settings\nmetadata: {name: settings}\nspec:\n"
            let spec = input.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array("  ".utf8) + $0 }
            let tree = FuzzedTree(["settings.yaml": Array(head.utf8) + Array(spec.joined(separator: [0x0A]))])
            guard let settings = try await check(tree)?.settings else { return }
            try require(settings.interval > .zero, "interval \(settings.interval)")
            try require(settings.prune.maxDeletes >= 0, "maxDeletes \(settings.prune.maxDeletes)")
            try require((0...100).contains(settings.prune.maxDeletePercent), "\(settings.prune.maxDeletePercent) %")
            try require((1...100).contains(settings.retry.attempts), "attempts \(settings.retry.attempts)")
            try require(settings.retry.backoff > .zero, "backoff \(settings.retry.backoff)")
            try require(settings.retry.backoff <= settings.retry.maxBackoff, "backoff \(settings.retry)")
            try require(settings.concurrency.map { $0 > 0 } ?? true, "concurrency \(settings.concurrency ?? 0)")
            let timeouts = [settings.timeouts.request, settings.timeouts.artifact, settings.timeouts.operation]
            try require(timeouts.allSatisfy { $0 > .zero && $0 < .seconds(1 << 31) }, "timeouts \(timeouts)")
        },
        FuzzTarget("ignore", "what lies in a folder that is left out is left out; C's own matcher agrees on globs") {
            let lines = $0.lines(3)
            var rules = IgnoreRules(root: "")
            guard rules.add(lines[2], of: ""), let path = FuzzedTree.path(lines[0]) else { return }
            let isIgnored = rules.ignores(path)
            try require(rules.ignores(path) == isIgnored, "\(path) is ignored the first time only")
            var commented = IgnoreRules(root: "")
            _ = commented.add(lines[2] + "\n\n# nothing\n", of: "")
            try require(commented.ignores(path) == isIgnored, "a comment decides about \(path)")
            var deeper = IgnoreRules(root: "")
            _ = deeper.add(lines[2] + "\n/\(path)/\n!\(path)/inside\n", of: "")
            if !path.utf8.contains(where: "*?[]!#\\ ".utf8.contains) {
                try require(deeper.ignores(path + "/inside"), "what is inside of \(path) came back")
            }
            try check(Glob(Array(lines[1].utf8)), speltAs: lines[1], on: path)
        },
        FuzzTarget("input-path", "a path resolves to names below the root or not at all") { input in
            let lines = input.lines(2)
            guard let folder = FuzzedTree.path(lines[0] + "/x").map(RepositoryPath.folder) else { return }
            guard let path = try? RepositoryPath.resolve(lines[1], from: folder) else { return }
            let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            for part in parts {
                let isStep = part.elementsEqual("..".utf8) || part.elementsEqual(".".utf8)
                try require(!isStep && !part.isEmpty, "\(lines[1]) has become \(path)")
            }
            let name = RepositoryPath.name(of: path)
            try require(parts.last?.elementsEqual(name.utf8) ?? false, "the name of \(path) is \(name)")
            let joined = RepositoryPath.folder(of: path) + (parts.count > 1 ? "/" : "") + name
            try require(joined.isSpelt(as: path), "\(path) is not its folder and name")
        },
        FuzzTarget("configuration", "it is read the same twice, names no secret, and every error is one safe line") {
            let environment = ["AKUA_API_TOKEN": canary, "STATE_DIRECTORY": "/state", "CREDENTIALS_DIRECTORY": "/keys"]
            let first = configuration($0, environment)
            try require(first == configuration($0, environment), "read otherwise the second time")
            switch first {
            case .failure(let errors):
                try require(!errors.errors.isEmpty, "refused without a reason")
                for error in errors.errors.map(\.description) {
                    try require(!error.contains(canary), "an error shows the token")
                    try require(error.isOneSafeLine, "not one safe line: \(error.debugDescription)")
                }
            case .success(let configuration):
                let names = configuration.sources.flatMap { [$0.name] + $0.formerNames }
                try require(Set(names).count == names.count, "a name is given twice: \(names)")
                try require(configuration.stateDirectory.hasPrefix("/"), configuration.stateDirectory)
                for source in configuration.sources {
                    try require(source.pollInterval > .zero, "polls every \(source.pollInterval)")
                    try require(!source.url.contains("@"), "the URL \(source.url) holds a user")
                }
            }
        },
        FuzzTarget("listen-address", "an address is written as it was read") { input in
            guard let address = ListenAddress(input.text) else { return }
            try require(ListenAddress(address.description) == address, "\(address) is read otherwise")
            try require((0...65_535).contains(address.port) && !address.host.isEmpty, "\(address)")
            try require(address.description.isOneSafeLine, "\(address)")
        },
    ]

    private static let canary = "canary-5b1f0c9d"

    private static func configuration(
        _ input: [UInt8], _ environment: [String: String]
    ) -> Result<Configuration, ConfigurationErrors> {
        do throws(ConfigurationErrors) {
            return .success(try Configuration.parse(input, path: "/etc/c.yaml", environment: environment))
        } catch {
            return .failure(error)
        }
    }

    /// The state that a source declares, if it is valid; throws if it is read otherwise another time, or wrongly.
    @discardableResult
    private static func check(_ tree: FuzzedTree) async throws -> DesiredState? {
        let cache = ParsedFileCache()
        let reading = try await ManifestReader(cache: cache).read(tree)
        try require(try await ManifestReader(cache: cache).read(tree) == reading, "the cache changes what is read")
        let checked = try await ManifestReader().read(tree, checksValues: true)
        switch reading {
        case .empty: try require(checked == .empty, "empty only while values are not checked")
        case .invalid(let errors):
            try check(errors, of: tree)
            guard case .invalid = checked else { throw PropertyBroken("valid once values are checked") }
        case .valid(let state, _):
            switch checked {
            case .empty: throw PropertyBroken("empty once values are checked")
            case .invalid(let errors): try check(errors, of: tree)
            case .valid(let same, _): try require(same == state, "checking values changes the state")
            }
            let names = state.installs.map { $0.header.name.lowercased() }
            try require(Set(names).count == names.count, "a name is declared twice: \(names)")
            return state
        }
        return nil
    }

    private static func check(_ errors: [ManifestError], of tree: FuzzedTree) throws {
        try require((1...ManifestReader.Limits().errorsMax + 1).contains(errors.count), "\(errors.count) errors")
        for error in errors {
            try require(error.message.isOneSafeLine, "not one safe line: \(error.message.debugDescription)")
            guard let file = tree.contents[error.location.file] else {
                try require(error.location.file == ".", "no such file: \(error)")
                continue
            }
            try require((1...file.lineCount + 1).contains(error.location.line), "no such line: \(error)")
        }
    }

    /// Globs without sets and escapes, in which C and gitignore differ in what is malformed.
    private static func check(_ glob: Glob, speltAs pattern: String, on path: String) throws {
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let matches = glob.matches(Array(part))
            guard !pattern.utf8.contains(where: { "[]\\".utf8.contains($0) || $0 == 0 }),
                part.allSatisfy({ $0 < 0x80 }),
                pattern.utf8.allSatisfy({ $0 < 0x80 })
            else { continue }
            let name = String(decoding: part, as: UTF8.self)
            try require(matches == (fnmatch(pattern, name, FNM_NOESCAPE) == 0), "\(pattern) on \(name)")
        }
    }
}

/// A source whose files are cut out of one input: a line `--> PATH` begins each.
struct FuzzedTree: ManifestTree {
    let manifestRoot = ""
    let contents: [String: [UInt8]]

    init(_ contents: [String: [UInt8]]) { self.contents = contents }

    init(_ input: [UInt8]) {
        var contents: [String: [UInt8]] = [:]
        var current: String? = "manifest.yaml"
        for line in input.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.starts(with: "--> ".utf8) {
                current = Self.path(String(decoding: line.dropFirst(4), as: UTF8.self))
                if let current { contents[current] = [] }
            } else if let current {
                contents[current, default: []] += line + [0x0A]
            }
        }
        self.contents = contents
    }

    /// The text as a path that a tree can have; nil if it can't be one.
    static func path(_ text: String) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPath = parts.allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                && part.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        return isPath ? text : nil
    }

    func files() async throws -> [TreeFile] {
        contents.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap(entry)
    }

    func file(at path: String) async throws -> TreeFile? { entry(path) }

    func contents(of files: [TreeFile]) async throws -> [[UInt8]] { files.map { contents[$0.path] ?? [] } }

    private func entry(_ path: String) -> TreeFile? {
        contents[path].map { TreeFile(path: path, size: $0.count, contentID: Data($0).base64EncodedString()) }
    }
}
