import AkuaModel
import Manifests
import Planning
import Testing

/// What becomes of declared clusters, row by row.
@Suite struct ClusterTests {
    static let rows = [
        Case(
            "a new cluster is created", { $0.commit { $0.clusters.append(ClusterManifest("edge")) } },
            "create Cluster/edge declared"),
        Case(
            "a cluster of that name that lives already is used, not owned",
            {
                $0.foreignCluster("edge")
                $0.commit { $0.clusters.append(ClusterManifest("edge")) }
            }, "= share Cluster/edge clu_2"),
        Case(
            "two of that name are told",
            {
                $0.foreignCluster("edge")
                $0.foreignCluster("edge")
                $0.commit { $0.clusters.append(ClusterManifest("edge")) }
            }, "! Cluster/edge ambiguous"),
        Case(
            "one of that name that is being deleted is waited for",
            {
                $0.foreignCluster("edge")
                $0.cluster("edge") { $0.state = .known(.deleting) }
                $0.commit { $0.clusters.append(ClusterManifest("edge")) }
            }, "! Cluster/edge waiting-for-delete"),
        Case(
            "a cluster that is named by its id becomes ours and gets the declared name",
            {
                $0.foreignCluster("old")
                $0.commit { desired in
                    var cluster = ClusterManifest("edge")
                    cluster.adoptedID = "clu_2"
                    desired.clusters.append(cluster)
                }
            }, "adopt Cluster/edge named-by-id", "update Cluster/edge changed"),
        Case(
            "an id that contradicts the journal",
            {
                $0.foreignCluster("old")
                $0.commit { $0.cluster("prod") { $0.adoptedID = "clu_2" } }
            }, "! Cluster/prod identity-conflict", "! Install/eu dependency"),
        Case(
            "another name in the manifest is written",
            { $0.commit { $0.cluster("prod") { $0.apiName = "production" } } }, "update Cluster/prod changed"),
        Case(
            "another name that somebody else wrote is drift", { $0.cluster("prod") { $0.name = "theirs" } },
            "update Cluster/prod drift"),
        Case(
            "a list that lags behind the cluster itself changes nothing",
            {
                $0.commit { $0.cluster("prod") { $0.apiName = "production" } }
                try $0.converge()
            }),
        Case(
            "a cluster that is used is never renamed",
            {
                $0.foreignCluster("edge")
                $0.commit { $0.clusters.append(ClusterManifest("edge")) }
                try $0.converge()
                $0.cluster("edge") { $0.name = "theirs" }
            }, "! Cluster/edge shared"),
        Case(
            "another region in the manifest is written",
            { $0.commit { $0.cluster("prod") { $0.region = .name("us") } } }, "update Cluster/prod changed"),
        Case(
            "the same region by its id is the same region",
            { $0.commit { $0.cluster("prod") { $0.region = .id("reg_1") } } }, "= in-sync Cluster/prod"),
        Case(
            "a later change of an adopted cluster's region is seen",
            {
                $0.foreignCluster("edge")
                $0.commit { desired in
                    var cluster = ClusterManifest("edge")
                    cluster.adoptedID = "clu_2"
                    desired.clusters.append(cluster)
                }
                try $0.converge()
                $0.commit { $0.cluster("edge") { $0.region = .name("us") } }
            }, "update Cluster/edge changed"),
        Case(
            "another network profile can't be had",
            {
                $0.commit { desired in
                    var cluster = ClusterManifest("edge")
                    cluster.networkProfile = "linux_cilium"
                    desired.clusters.append(cluster)
                }
                try $0.converge()
                $0.commit { $0.cluster("edge") { $0.networkProfile = "mixed_os_calico" } }
            }, "! Cluster/edge immutable"),
        Case(
            "a profile that was left to the platform is not compared",
            { $0.commit { $0.cluster("prod") { $0.networkProfile = "linux_cilium" } } }, "= in-sync Cluster/prod"),
        Case(
            "a cluster that a person has suspended is no drift",
            { $0.cluster("prod") { $0.state = .known(.suspended) } }),
        Case(
            "a cluster that is being deleted is not written to",
            {
                $0.commit { $0.cluster("prod") { $0.apiName = "production" } }
                $0.cluster("prod") { $0.state = .known(.deleting) }
            }, "! Cluster/prod waiting-for-delete", "! Install/eu dependency"),
        Case(
            "a cluster that is gone is made again, and what ran on it is said",
            { $0.vanish("clu_1") }, "create Cluster/prod gone", "! Install/eu immutable"),
        Case(
            "a region that is nowhere",
            {
                $0.commit { desired in
                    var cluster = ClusterManifest("edge")
                    cluster.region = .name("mars")
                    desired.clusters.append(cluster)
                }
            }, "! Cluster/edge missing-reference"),
        Case(
            "I4: nothing is written beside a write that has not ended",
            {
                $0.commit { $0.cluster("prod") { $0.apiName = "production" } }
                $0.unsettled = [ObjectReference("Cluster/prod"): "waits for operation op_7"]
            }, "! Cluster/prod waiting-for-operation", "! Install/eu dependency"),
    ]

    @Test(arguments: rows)
    func `clusters come to what is declared`(_ row: Case) throws { try row.check() }

    @Test func `a rename and a move are one write`() throws {
        var world = try World.standard()
        world.commit { desired in
            desired.cluster("prod") {
                $0.apiName = "production"
                $0.region = .name("us")
            }
        }
        let action = try #require(try world.plan().action("update Cluster/prod"))
        #expect(action.step == .updateCluster(.of("clu_1"), name: "production", region: .of("reg_2")))
        #expect(action.fields.map(\.path) == ["name", "region"])
        #expect(world.asked.contains { $0.contains(.cluster(.of("clu_1"))) }, "I3: what is written to is read by id")
    }
}
