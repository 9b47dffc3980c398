import AkuaEmulator
import JSON
import TestSupport
import Testing

/// References resolve by name in the source, then by name in the workspace, then by id; two matches are an error that
/// shows both.
@Suite struct ReferenceTests {
    private static func install(_ spec: String, region: String = "region: eu-central") -> String {
        Road.manifest("Install", "shop", "{\(spec), version: 1.4.0, \(region)}")
    }

    @Test(arguments: ["package: checkout", "packageID: {id}", "package: {id}"])
    func `a package of the workspace is installed by name and by id, and never owned`(_ target: String) async throws {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("checkout", ["1.3.0", "1.4.0"])
            try await installation.apply(["shop.yaml": Self.install(target.replacing("{id}", with: package))])
            let shop = try await installation.id(of: "Install/shop")
            #expect(installation.object("installs", shop)?["package_id"] == .string(package))
            #expect(installation.version(of: shop) == "1.4.0")
            #expect(try await installation.ids().keys.sorted() == ["Install/shop"])
            try await installation.expectRest()
        }
    }

    @Test func `a name in the source goes before the same name in the workspace`() async throws {
        try await Installation.with { installation in
            let other = try await installation.foreignPackage("checkout", ["1.4.0"], artifact: "elsewhere")
            try await installation.apply([
                "package.yaml": Road.package(["1.4.0"]), "shop.yaml": Self.install("package: checkout"),
            ])
            let shop = try await installation.id(of: "Install/shop")
            let package = try await installation.id(of: "Package/checkout")
            #expect(package != other)
            #expect(installation.object("installs", shop)?["package_id"] == .string(package))
            try await installation.expectRest()
        }
    }

    struct Twins: Sendable, CustomTestStringConvertible {
        var noun: String
        var spec: String
        var region = "region: eu-central"
        var testDescription: String { noun }
    }

    @Test(arguments: [
        Twins(noun: "package", spec: "package: twin"),
        Twins(noun: "product", spec: "PRODUCT"),
        Twins(noun: "cluster", spec: "package: single, cluster: twin"),
        Twins(noun: "region", spec: "package: single", region: "region: twin"),
    ])
    func `two matches are an error that shows both, and nothing is written`(_ twins: Twins) async throws {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("single", ["1.4.0"])
            var ids: [String] = []
            for number in 0..<2 {
                switch twins.noun {
                case "package":
                    ids.append(try await installation.foreignPackage("twin", ["1.4.0"], artifact: "twin-\(number)"))
                case "product":
                    let body: JSONValue = [
                        "name": "twin", "package_id": .string(package), "package_version_pin": ["kind": "latest"],
                    ]
                    ids.append(try #require(try await installation.somebody("POST", "/products", body)["id"]?.string))
                case "cluster": ids.append(try await installation.foreignCluster("twin"))
                default:
                    let made = try await installation.somebody("POST", "/regions", ["name": "twin"])
                    ids.append(try #require(made["id"]?.string))
                }
            }
            let writes = installation.writes
            let manifest =
                twins.noun == "product"
                ? Road.manifest("Install", "shop", "{product: twin, region: eu-central}")
                : Self.install(twins.spec, region: twins.region)
            try await installation.apply(["shop.yaml": manifest], status: 75)
            let plan = try await installation.plan()
            #expect(plan.held == ["Install/shop": "ambiguous"], "\(plan)")
            let sentence = try #require(plan.sentences["Install/shop"])
            for id in ids { #expect(sentence.contains(id), "\(sentence)") }
            #expect(installation.writes == writes)
        }
    }

    @Test func `a cluster and a region are found by name, by id, and by an id in the place of a name`() async throws {
        try await Installation.with { installation in
            _ = try await installation.foreignPackage("checkout", ["1.4.0"])
            let cluster = try await installation.foreignCluster("prod")
            let region = try #require(installation.live("regions").first?["id"]?.string)
            var files: [String: String?] = [:]
            let places = [
                "cluster: prod, region: eu-central", "clusterID: \(cluster), regionID: \(region)",
                "cluster: \(cluster), region: \(region)",
            ]
            for (number, place) in places.enumerated() {
                files["\(number).yaml"] = Road.manifest(
                    "Install", "shop-\(number)", "{package: checkout, version: 1.4.0, \(place)}")
            }
            try await installation.apply(files)
            #expect(
                installation.live("installs").map { $0["cluster_id"] } == Array(repeating: .string(cluster), count: 3))
            #expect(installation.writes["installs.create"] == 3)
            try await installation.expectRest()
        }
    }
}
