import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// Three packages as the world publishes them, with schemas of up to 180 KB and their real default values.
///
/// The data lies beside the checkout and is not part of it.
@Suite(.enabled(if: RealPackage.all.count == 3, "the real packages are not on this machine: set AKUA_SHARED_DIR"))
struct RealPackagesTests {
    @Test func `from an empty workspace to in sync, through every version, with every value as written`() async throws {
        try await Installation.with { installation in
            for step in 0..<4 {
                var files: [String: String?] = [:]
                for package in RealPackage.all {
                    files["\(package.name).yaml"] = package.manifest(atVersion: step)
                    for (version, folder) in package.versions {
                        files["schemas/\(package.name)-\(version).json"] = try package.text(
                            "values.schema.json", folder)
                    }
                    // The values of a live install stay as they are: those of the first version throughout.
                    files["values/\(package.name).yaml"] = try package.text("values.yaml", package.versions[0].folder)
                }
                try await installation.repository.commit(files, message: "Step \(step)")
                let ending = try await installation.run("reconcile")
                #expect(ending.status == 0, "step \(step): \(ending)")
            }
            #expect(try await installation.run("plan").status == 0)
            #expect(installation.writes["installs.create"] == 3)
            #expect(installation.writes["installs.updateVersion"] == 9)
            #expect(installation.writes["packages.importPublished"] == 3)
            #expect(installation.writes["packages.createVersion"] == 9)
            try expectValuesAsWritten(installation)
        }
    }

    /// Numbers and words that a YAML 1.1 reader would have changed, found by eye in the files.
    private func expectValuesAsWritten(_ installation: Installation) throws {
        let creates = installation.emulator.emulator.requests().filter { $0.call == "installs.create" }
        let bodies = creates.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 3)
        for package in RealPackage.all {
            let values = try package.text("values.yaml", package.versions[0].folder)
            // Each top-level key of the file, in its order, is a key of the values that were sent.
            let keys = values.split(separator: "\n").compactMap { line -> String? in
                guard let first = line.first, first.isLetter, let colon = line.firstIndex(of: ":") else { return nil }
                return String(line[..<colon])
            }
            let sent = bodies.compactMap { try? JSONReader.read($0)["initial_values"]?.object?.names }
            #expect(sent.contains(keys), "\(package.name): \(keys)")
        }
    }
}

/// One of the packages, read from where the data lies.
struct RealPackage: Sendable {
    var name: String
    var reference: String
    /// In ascending order.
    var versions: [(semver: String, folder: URL)]

    func text(_ file: String, _ folder: URL) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    func manifest(atVersion step: Int) -> String {
        var text = """
            apiVersion: gitops.akua.dev/v1
            kind: Package
            metadata: {name: \(name)}
            spec: {ociRef: "\(reference)"}

            """
        for (semver, _) in versions {
            text += """
                ---
                apiVersion: gitops.akua.dev/v1
                kind: PackageVersion
                metadata: {name: \(name)-\(semver)}
                spec:
                  package: \(name)
                  semver: \(semver)
                  ref: "sha256:\(name)-\(semver)"
                  inputSchemaFile: schemas/\(name)-\(semver).json

                """
        }
        return text + """
            ---
            apiVersion: gitops.akua.dev/v1
            kind: Install
            metadata: {name: \(name)-eu}
            spec:
              package: \(name)
              version: \(versions[step].semver)
              region: eu-central
              valuesFrom: [{file: values/\(name).yaml}]

            """
    }

    static let all: [RealPackage] = {
        let shared =
            ProcessInfo.processInfo.environment["AKUA_SHARED_DIR"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).appending(path: "../../../../shared").standardized
        let root = shared.appending(path: "real-packages")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().compactMap { name in
            let folder = root.appending(path: name)
            guard let reference = try? String(contentsOf: folder.appending(path: "OCI_REF"), encoding: .utf8),
                let entries = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            else { return nil }
            let versions = entries.filter { $0.first?.isNumber ?? false }.sorted()
            return RealPackage(
                name: name, reference: reference.trimmingCharacters(in: .whitespacesAndNewlines),
                versions: versions.map { ($0, folder.appending(path: $0)) })
        }
    }()
}
