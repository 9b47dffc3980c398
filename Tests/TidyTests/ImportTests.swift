import Foundation
import Testing

/// Who may import whom: the arrows of ARCHITECTURE.md, as data.
@Suite struct ImportTests {
    struct Row: Sendable {
        var own: Set<String> = []
        var foreign: Set<String> = []
    }

    /// Free in every module: the leaf that all share, and what comes with the language.
    static let free: Set<String> = ["JSON", "Foundation", "FoundationEssentials", "Synchronization"]
    /// What an HTTP server is written with; Hummingbird is made of the others and shows them.
    static let server: Set<String> = [
        "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HummingbirdHTTP2", "HTTPTypes", "Logging", "NIOCore",
        "NIOHTTP1", "NIOPosix", "NIOSSL",
    ]
    static let core: Set<String> = ["AkuaModel", "Manifests", "Planning"]
    /// What a pass is made of; who starts passes and shows what came of them sees their values.
    static let pass = core.union(["AkuaAPI", "CurlTransport", "GitSource", "Journal", "Reconciler", "Telemetry"])
    static let table: [String: Row] = [
        // The functional core.
        "JSON": Row(),
        "AkuaModel": Row(),
        "Manifests": Row(own: ["CYAML"]),
        "Planning": Row(own: ["AkuaModel", "Manifests"], foreign: ["Crypto"]),

        // The imperative shell.
        "CGit2": Row(), "CCurl": Row(), "CLinux": Row(), "CYAML": Row(),
        "GitPlumbing": Row(own: ["CGit2"], foreign: ["Glibc"]),
        "Telemetry": Row(foreign: ["Logging", "CoreMetrics", "Tracing", "Glibc"]),
        "CurlTransport": Row(own: ["CCurl"], foreign: ["Glibc"]),
        "AkuaAPI": Row(own: ["AkuaModel", "CurlTransport", "Telemetry"]),
        "GitSource": Row(
            own: ["CGit2", "GitPlumbing"], foreign: ["Subprocess", "System", "SystemPackage", "Dispatch", "Glibc"]),
        "Journal": Row(own: ["AkuaModel"], foreign: ["GRDB"]),
        "Reconciler": Row(own: pass.subtracting(["Reconciler"])),
        "Bootstrap": Row(own: ["Manifests"]),
        "Daemon": Row(
            own: pass.union(["Bootstrap", "CLinux"]),
            foreign: server.union(["ServiceLifecycle", "UnixSignals", "Glibc"])),
        "akua-gitops": Row(own: pass.union(["Bootstrap", "Daemon"]), foreign: ["ArgumentParser", "NIOPosix"]),
        "akua-gitops-fetch": Row(own: ["CGit2", "CLinux", "GitPlumbing"], foreign: ["Glibc"]),

        // The local Akua. It has wire types of its own, so that one wrong field name can't pass on both sides.
        "AkuaEmulator": Row(foreign: server.union(["GRDB", "ServiceLifecycle"])),
        "akua-emulator": Row(
            own: ["AkuaEmulator"], foreign: ["ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals"]),
    ]

    @Test func `every module has a row, and every row a module`() throws {
        #expect(try Repository.folders(in: "Sources") == Self.table.keys.sorted())
    }

    @Test func `a module imports what its row allows`() throws {
        let statement =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:package|public|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        var findings: [String] = []
        for file in try Repository.sources.get() {
            var allowed = Self.free
            if let row = Self.table[file.target] { allowed.formUnion(row.own.union(row.foreign)) }
            // The planner reads no clock and no file: what Foundation would offer for that is out of its reach.
            if file.target == "Planning" { allowed.remove("Foundation") }
            for line in file.lines where line.code.contains("import ") {
                guard let match = line.code.prefixMatch(of: statement) else { continue }
                if !allowed.contains(String(match.1)) { findings.append(file.place(line)) }
            }
        }
        expectNone(findings)
    }

    @Test func `the arrows of the table have no cycle`() {
        func reaches(_ module: String, _ path: [String]) -> [String]? {
            if path.contains(module) { return path + [module] }
            return Self.table[module]?.own.sorted().lazy.compactMap { reaches($0, path + [module]) }.first
        }
        #expect(Self.table.keys.sorted().compactMap { reaches($0, []) } == [])
    }
}
