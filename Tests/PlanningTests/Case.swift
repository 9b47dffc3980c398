import Manifests
import Planning
import Testing

/// One row of a table: what the world is like, and the whole plan that follows, as ``Plan/lines``.
struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    private var start: @Sendable () throws -> World
    private var change: @Sendable (inout World) throws -> Void
    private var expected: [String]

    /// A row that begins with the standard world in sync: see ``World/standard()``.
    init(_ sentence: String, _ change: @escaping @Sendable (inout World) throws -> Void, _ expected: String...) {
        (testDescription, start, self.change, self.expected) = (sentence, World.standard, change, expected)
    }

    /// A row that begins with an empty workspace and nothing declared.
    init(
        fromNothing sentence: String, _ change: @escaping @Sendable (inout World) throws -> Void, _ expected: String...
    ) {
        (testDescription, start, self.change, self.expected) = (sentence, { World() }, change, expected)
    }

    /// Makes the plan and compares it line by line.
    func check() throws {
        var world = try start()
        try change(&world)
        let plan = try world.plan()
        #expect(plan.lines == expected)
        for action in plan.actions {
            #expect(action.after.isSubset(of: plan.actions.map(\.id)), "\(action.id) comes after what is not planned")
        }
        #expect(Set(plan.actions.map(\.id)).count == plan.actions.count)
    }
}

extension World {
    /// Package `checkout` (pkg_1) with 1.0.0 (ver_1) and 1.1.0 (ver_2), cluster `prod` (clu_1), and install `eu`
    /// (inst_1) of 1.0.0 on it: declared, made by this source, and in sync.
    static func standard() throws -> World {
        var world = World()
        world.commit { desired in
            desired.packages = [.oci("checkout")]
            desired.packageVersions = [
                PackageVersionManifest("checkout", "1.0.0"), PackageVersionManifest("checkout", "1.1.0"),
            ]
            desired.clusters = [ClusterManifest("prod")]
            var install = InstallManifest("eu", of: "checkout", "1.0.0")
            install.cluster = .name("prod")
            desired.installs = [install]
        }
        try world.converge()
        return world
    }

    /// The standard world with `count` more installs, `more-1` and so on, all in sync.
    static func standard(withInstalls count: Int) throws -> World {
        var world = try standard()
        world.commit { desired in
            for number in 1...count {
                desired.installs.append(InstallManifest("more-\(number)", of: "checkout", "1.0.0"))
            }
        }
        try world.converge()
        return world
    }
}
