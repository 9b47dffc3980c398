import AkuaModel
import Manifests
import Planning
import Testing

/// References resolve by name in the source, then by name in the workspace, then by id.
@Suite struct ReferenceTests {
    private static let creates = [
        "create Install/us declared", "set_automatic_updates Install/us written-once", "render Install/us provenance",
    ]

    private static func us(_ change: (inout InstallManifest) -> Void) -> InstallManifest {
        var install = InstallManifest("us", of: "checkout", "1.0.0")
        change(&install)
        return install
    }

    private static func us(_ package: Reference, _ region: Reference, _ cluster: Reference) -> InstallManifest {
        us {
            $0.target = .package(package, version: .exact("1.0.0"))
            ($0.region, $0.cluster) = (region, cluster)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout World) throws -> Void
        /// What the create asks for, as `package region cluster`, or the code of the hold.
        var expected: String

        init(_ sentence: String, _ expected: String, _ change: @escaping @Sendable (inout World) throws -> Void) {
            (testDescription, self.change, self.expected) = (sentence, change, expected)
        }
    }

    static let rows = [
        Row("a name in the source", "pkg_1 reg_1 clu_1") {
            $0.commit { $0.installs.append(us { $0.cluster = .name("prod") }) }
        },
        Row("a name in the source comes before the same name in the workspace", "pkg_1 reg_1 clu_1") {
            $0.foreignPackage("checkout")
            $0.foreignCluster("prod")
            $0.commit { $0.installs.append(us { $0.cluster = .name("prod") }) }
        },
        Row("a name in the workspace", "pkg_2 reg_1 clu_2") {
            $0.foreignPackage("db")
            $0.foreignCluster("edge")
            $0.commit { $0.installs.append(us(.name("db"), .name("eu"), .name("edge"))) }
        },
        Row("a name of the platform that an object of the source has is a name in the workspace", "pkg_1 reg_1 clu_1") {
            $0.cluster("prod") { $0.name = "production" }
            $0.desired.cluster("prod") { $0.apiName = "production" }
            $0.commit { $0.installs.append(us { $0.cluster = .name("production") }) }
        },
        Row("an id where a name is asked for", "pkg_1 reg_2 clu_1") {
            $0.commit { $0.installs.append(us(.name("pkg_1"), .name("reg_2"), .name("clu_1"))) }
        },
        Row("ids", "pkg_1 reg_2 clu_1") {
            $0.commit { $0.installs.append(us(.id("pkg_1"), .id("reg_2"), .id("clu_1"))) }
        },
        Row("an id that the list lacks and a read finds", "pkg_1 reg_1 clu_1") {
            $0.unlisted = ["clu_1"]
            $0.commit { $0.installs.append(us { $0.cluster = .id("clu_1") }) }
        },
        Row("two packages of that name", "ambiguous") {
            $0.foreignPackage("db")
            $0.foreignPackage("db")
            $0.commit { desired in
                desired.installs.append(us { $0.target = .package(.name("db"), version: .exact("1.0.0")) })
            }
        },
        Row("two clusters of that name", "ambiguous") {
            $0.foreignCluster("edge")
            $0.foreignCluster("edge")
            $0.commit { $0.installs.append(us { $0.cluster = .name("edge") }) }
        },
        Row("two regions of that name", "ambiguous") {
            $0.regions.append(Region(id: .of("reg_3"), name: "asia"))
            $0.regions.append(Region(id: .of("reg_4"), name: "asia"))
            $0.commit { $0.installs.append(us { $0.region = .name("asia") }) }
        },
        Row("two products of that name", "ambiguous") {
            $0.products = ["prod_1", "prod_2"].map {
                Product(id: .of($0), name: "shop", packageID: .of("pkg_1"), state: .known(.active))
            }
            $0.commit { $0.installs.append(us { $0.target = .product(.name("shop")) }) }
        },
        Row("a region that is nowhere", "missing-reference") {
            $0.commit { $0.installs.append(us { $0.region = .name("mars") }) }
        },
        Row("a cluster that is nowhere", "missing-reference") {
            $0.commit { $0.installs.append(us { $0.cluster = .name("edge") }) }
        },
        Row("a cluster's id that is nowhere", "missing-reference") {
            $0.commit { $0.installs.append(us { $0.cluster = .id("clu_9") }) }
        },
        Row("a package that is nowhere", "missing-reference") {
            $0.commit { desired in
                desired.installs.append(us { $0.target = .package(.name("db"), version: .latest) })
            }
        },
        Row("a product that is nowhere", "missing-reference") {
            $0.commit { $0.installs.append(us { $0.target = .product(.id("prod_9")) }) }
        },
        Row("a text that can't be an id", "missing-reference") {
            $0.commit { $0.installs.append(us { $0.cluster = .id("a b") }) }
        },
        Row("an id that can't be read", "read-failed") {
            $0.unlisted = ["clu_1"]
            $0.unreadable = ["clu_1"]
            $0.desired.remove("Cluster/prod")
            $0.desired.remove("eu")
            $0.commit { $0.installs.append(us { $0.cluster = .id("clu_1") }) }
        },
    ]

    @Test(arguments: rows)
    func `a reference comes to one object, or it is said why not`(_ row: Row) throws {
        var world = try World.standard()
        try row.change(&world)
        let plan = try world.plan()
        let hold = plan.holds.first { $0.target == ObjectReference("us") }
        guard case .createInstall(_, let create)? = plan.action("create Install/us")?.step else {
            #expect(hold?.code.rawValue == row.expected)
            return
        }
        guard case .package(let package, _) = create.source else {
            Issue.record("no package")
            return
        }
        let parts = [Self.text(package), create.region.text, create.cluster.map(Self.text) ?? "clu_1"]
        #expect(parts.joined(separator: " ") == row.expected)
    }

    private static func text<Tag>(_ target: Target<Identifier<Tag>>) -> String {
        switch target {
        case .live(let id): id.text
        case .planned(let reference): reference.description
        }
    }

    @Test func `of two matches both are shown`() throws {
        var world = try World.standard()
        world.foreignCluster("edge")
        world.foreignCluster("edge")
        world.commit { $0.installs.append(Self.us { $0.cluster = .name("edge") }) }
        let hold = try #require(try world.plan().holds.first)
        #expect(hold.sentence.contains("clu_2, clu_3"))
        #expect(hold.sentence.contains("clusterID"))
    }

    @Test func `a pass in which nothing differs reads lists and nothing else`() throws {
        var world = try World.standard(withInstalls: 5)
        _ = try world.plan()
        let needs = world.asked.reduce(into: Set<Need>()) { $0.formUnion($1) }
        #expect(needs == [.regions, .clusters, .packages, .installs, .versions(.of("pkg_1"))])
        #expect(world.asked.count <= 2)
    }
}
