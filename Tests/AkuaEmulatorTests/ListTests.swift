import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct ListTests {
    @Test func `an empty list has the envelope of a list`() async throws {
        try await withEmulator { client in
            let answer = try await client.get("/installs")
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "application/json")
            #expect(answer.json == ["data": [], "has_more": false, "next_cursor": nil])
        }
    }

    @Test func `pages follow each other by an opaque cursor that has to be escaped`() async throws {
        try await withEmulator { client in
            for number in 1...5 { _ = try await client.region("region-\(number)") }
            let first = try await client.get("/regions?limit=2").json
            #expect(first["data"]?.array?.count == 2)
            #expect(first["has_more"] == true)
            let cursor = try #require(first["next_cursor"]?.string)
            #expect(cursor.contains("+") && cursor.contains("/") && cursor.contains("&"))
            #expect(try await client.get("/regions?limit=2&cursor=\(cursor)").status == 400)
            let (items, pages) = try await client.all("/regions", limit: 2)
            #expect(pages == 3)
            #expect(items.map { $0["name"] } == (1...5).map { .string("region-\($0)") })
        }
    }

    @Test func `pages can be shorter than asked for`() async throws {
        try await withEmulator { client in
            for number in 1...5 { _ = try await client.region("region-\(number)") }
            client.running.emulator.setSwitches { $0.listPageMax = 2 }
            let (items, pages) = try await client.all("/regions")
            #expect(pages == 3 && items.count == 5)
        }
    }

    @Test(arguments: ["limit=0", "limit=101", "limit=x", "limit=-1", "cursor=nonsense", "cursor=", "limit=1&limit=2"])
    func `a page that can't be asked for is refused`(_ query: String) async throws {
        try await withEmulator { client in
            let answer = try await client.get("/packages?\(query)")
            #expect(answer.status == 400)
            #expect(answer.json["errors"]?.array?.count == 1)
        }
    }

    @Test func `a cursor is good for its own list alone`() async throws {
        try await withEmulator { client in
            try client.running.emulator.populate(population(installs: 3))
            let cursor = try #require(try await client.get("/installs?limit=1").json["next_cursor"]?.string)
            let escaped = try #require(cursor.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(try await client.get("/installs?cursor=\(escaped)").status == 200)
            #expect(try await client.get("/clusters?cursor=\(escaped)").status == 400)
        }
    }

    @Test func `ten thousand installs are an ordinary list`() async throws {
        try await withEmulator { client in
            var many = population(installs: 10_000)
            many.packages = 100
            many.versionsPerPackage = 5
            let made = try client.running.emulator.populate(many)
            let (items, pages) = try await client.all("/installs")
            #expect(pages == 100)
            #expect(items.compactMap { $0["id"]?.string } == made.installs)
            #expect(Set(items.compactMap { $0["etag"]?.string }).count == 10_000)
            let versions = try await client.all("/packages/\(made.packages[7].id)/versions").items
            #expect(versions.compactMap { $0["id"]?.string } == made.packages[7].versions.reversed())
        }
    }

    @Test func `what is deleted while a cursor walks does not disturb the walk`() async throws {
        try await withEmulator { client in
            let made = try client.running.emulator.populate(population(installs: 6))
            let page = try await client.get("/installs?limit=3").json
            try client.running.emulator.apply(.installDeleted(made.installs[2]))
            let cursor = try #require(page["next_cursor"]?.string)
            let escaped = try #require(cursor.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let rest = try await client.get("/installs?limit=3&cursor=\(escaped)").json
            #expect(rest["data"]?.array?.compactMap { $0["id"]?.string } == Array(made.installs[3...]))
        }
    }

    @Test func `installs of a product come newest first`() async throws {
        try await withEmulator { client in
            let region = try await client.region()
            let package = try await client.package()
            let product = try await client.post(
                "/products",
                ["name": "Checkout", "package_id": package["id"] ?? nil, "package_version_pin": ["kind": "latest"]])
            #expect(product.status == 201)
            let id = try #require(product.json["id"])
            for _ in 1...3 {
                let body: JSONValue = ["product_id": id, "region_id": .string(region)]
                #expect(try await client.post("/installs", body).status == 202)
            }
            let all = try await client.get("/installs").json["data"]?.array ?? []
            let ofProduct = try await client.get("/installs?product_id=\(id.string ?? "")").json["data"]?.array ?? []
            #expect(ofProduct.map { $0["id"] } == all.reversed().map { $0["id"] })
            #expect(ofProduct.allSatisfy { $0["product_id"] == id })
        }
    }

    @Test func `lists can lag, omit, repeat and shuffle while reads stay true`() async throws {
        try await withEmulator { client in
            let made = try client.running.emulator.populate(population(installs: 40))
            let ids = { (items: [JSONValue]) in items.compactMap { $0["id"]?.string } }
            client.running.emulator.setSwitches { $0.listOmitPercent = 30 }
            let omitted = ids(try await client.all("/installs", limit: 7).items)
            #expect(omitted.count < 40 && Set(omitted).isSubset(of: made.installs))
            client.running.emulator.setSwitches {
                $0.listOmitPercent = 0
                $0.listRepeatPercent = 30
                $0.listOrder = .shuffled
            }
            let repeated = ids(try await client.all("/installs", limit: 7).items)
            #expect(repeated.count > 40 && Set(repeated) == Set(made.installs))
            client.running.emulator.setSwitches {
                $0 = Switches()
                $0.listLagWalks = 2
            }
            #expect(ids(try await client.all("/installs").items) == made.installs)
            try client.running.emulator.apply(.installDeleted(made.installs[0]))
            #expect(ids(try await client.all("/installs").items) == made.installs)
            #expect(try await client.get("/installs/\(made.installs[0])").status == 404)
            #expect(ids(try await client.all("/installs").items) == made.installs)
            #expect(ids(try await client.all("/installs").items) == Array(made.installs.dropFirst()))
        }
    }

    private func population(installs: Int) -> Population {
        var population = Population()
        population.packages = 1
        population.installs = installs
        return population
    }
}
