import Manifests
import Planning
import Testing

/// A plan is listed in the order in which an engineer would do it, and can be carried out in that order one by one.
@Suite struct OrderingTests {
    @Test func `kinds in order, what is new before what changes, an object's actions together, deletes in reverse`()
        throws
    {
        var world = try World.standard(withInstalls: 2)
        world.commit { desired in
            desired.clusters.append(ClusterManifest("spare"))
            desired.packages.append(.oci("old"))
            desired.packageVersions.append(PackageVersionManifest("old", "1.0.0"))
        }
        try world.converge()
        world.commit { desired in
            for name in ["Package/old", "PackageVersion/old-1.0.0", "Cluster/spare", "more-1"] { desired.remove(name) }
            desired.packages.append(.oci("db"))
            for (package, semver) in [("db", "1.10.0"), ("db", "1.9.0"), ("db", "1.8.0"), ("checkout", "1.2.0")] {
                desired.packageVersions.append(PackageVersionManifest(package, semver))
            }
            desired.clusters.append(ClusterManifest("edge"))
            desired.cluster("prod") { $0.apiName = "production" }
            desired.installs.append(InstallManifest("api", of: "checkout", "1.2.0", dependsOn: ["db"]))
            desired.installs.append(InstallManifest("batch", of: "checkout", "1.1.0"))
            desired.installs.append(InstallManifest("db", of: "db", "1.9.0"))
            desired.install("more-2") { $0.version = "1.1.0" }
            desired.header("eu") { $0.annotations["team"] = "payments" }
        }
        let plan = try world.plan()
        #expect(
            plan.actions.map(\.id.description) == [
                "import Package/db",
                "publish PackageVersion/checkout-1.2.0", "publish PackageVersion/db-1.9.0",
                "publish PackageVersion/db-1.10.0",
                "create Cluster/edge", "update Cluster/prod",
                // What something depends on stands before it, whatever it is called.
                "create Install/db", "set_automatic_updates Install/db", "render Install/db",
                "create Install/api", "set_automatic_updates Install/api", "render Install/api",
                "create Install/batch", "set_automatic_updates Install/batch", "render Install/batch",
                "update Install/more-2", "render Install/more-2",
                "render Install/eu",
                "delete Install/more-1", "delete Cluster/spare", "delete Package/old",
            ])
        world.carryOut(plan)
        #expect(world.violations == [])
    }
}
