import JSON
import Testing

/// Installs of products: the product decides on the version.
@Suite struct ProductTests {
    private static func install(_ target: String) -> String {
        Road.manifest("Install", "shop", "{\(target), region: eu-central, values: {replicas: 2}}")
    }

    private func product(_ name: String, in installation: Installation) async throws -> String {
        let package = try await installation.foreignPackage("checkout-\(name)", ["1.3.0", "1.4.0"])
        let made = try await installation.somebody(
            "POST", "/products",
            [
                "name": .string(name), "package_id": .string(package),
                "package_version_pin": ["kind": "pinned", "version": "1.3.0"],
            ])
        return try #require(made["id"]?.string)
    }

    @Test(arguments: ["product: store", "productID: {id}", "product: {id}"])
    func `an install of a product is made once and follows no version`(_ target: String) async throws {
        try await Installation.with { installation in
            let product = try await product("store", in: installation)
            try await installation.apply(["shop.yaml": Self.install(target.replacing("{id}", with: product))])
            let shop = try await installation.id(of: "Install/shop")
            #expect(installation.object("installs", shop)?["product_id"] == .string(product))
            #expect(installation.version(of: shop) == "1.3.0")
            #expect(
                installation.writes(on: shop) == [
                    "installs.create": 1, "installs.setAutomaticUpdates": 1, "installs.createRender": 1,
                ])
            try await installation.expectRest()
        }
    }

    @Test func `a version beside a product is refused, with its place`() async throws {
        try await Installation.with { installation in
            _ = try await product("store", in: installation)
            let pass = try await installation.apply(
                ["shop.yaml": Self.install("product: store, version: 1.3.0")], status: 65)
            #expect(pass.ending.output.contains("shop.yaml") && pass.ending.output.contains("version"), "\(pass)")
            #expect(installation.writes["installs.create"] == nil)
        }
    }

    @Test func `an unknown product holds its install alone, and another product can't be had later`() async throws {
        try await Installation.with { installation in
            let files = ["shop.yaml": Self.install("product: store"), "package.yaml": Road.package(["1.0.0"])]
            try await installation.apply(files, status: 75)
            #expect(installation.writesInOrder == ["packages.importPublished"])
            #expect(try await installation.conditions() == ["Install/shop": "missing-reference"])
            _ = try await product("store", in: installation)
            _ = try await product("depot", in: installation)
            #expect(try await installation.reconcile().status == 0)
            let writes = installation.writes
            try await installation.apply(["shop.yaml": Self.install("product: depot")], status: 75)
            #expect(try await installation.conditions() == ["Install/shop": "immutable"])
            #expect(installation.writes == writes)
        }
    }
}
