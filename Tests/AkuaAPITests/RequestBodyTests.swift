import AkuaAPI
import AkuaModel
import JSON
import Testing

@Suite struct RequestBodyTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        /// The path of the call in the platform's OpenAPI document, and its method.
        var path: String
        var method: String
        var bytes: [UInt8]
        var text: String

        init(_ name: String, _ method: String, _ path: String, _ bytes: [UInt8], _ text: String) {
            testDescription = name
            self.path = path
            self.method = method
            self.bytes = bytes
            self.text = text
        }
    }

    private static func object(_ text: String) -> JSONObject { json(text).object ?? JSONObject() }

    static let cases: [Case] = {
        guard let region = RegionID("regn_1"), let cluster = ClusterID("clu_1"), let package = PackageID("pkg_1"),
            let product = ProductID("prod_1"), let version = PackageVersionID("pkgv_2")
        else { return [] }
        let schema = object(#"{"type":"object","properties":{"n":{"default":1.10}}}"#)
        let bare = RequestBody.Version(semver: "1.4.0", ref: "sha256:ab", inputSchema: schema, compatibility: nil)
        let compatible = RequestBody.Version(
            semver: "1.4.0-rc.1+b", ref: "r", inputSchema: JSONObject(),
            compatibility: object(
                #"{"clusterTypes":["x"],"kubernetes":{"minVersion":"1.30"},"placement":{"providers":"any","regions":["eu"]}}"#
            ))
        let helm = RequestBody.HelmSource(
            repoURL: "oci://h/c", chart: nil, targetRevision: "1.2.3", path: nil, values: nil)
        let full = RequestBody.HelmSource(
            repoURL: "oci://h/c", chart: "web", targetRevision: "1.2.3", path: "charts", values: object(#"{"a":1e3}"#))
        return [
            Case(
                "import", "post", "/packages:import",
                RequestBody.importPackage(name: "Checkout", description: nil, ociReference: "oci://r/c", version: bare),
                #"{"name":"Checkout","oci_ref":"oci://r/c","version":{"semver":"1.4.0","ref":"sha256:ab","input_schema":{"type":"object","properties":{"n":{"default":1.10}}}}}"#
            ),
            Case(
                "import with everything", "post", "/packages:import",
                RequestBody.importPackage(name: "C", description: "d", ociReference: "oci://r/c", version: compatible),
                #"{"name":"C","oci_ref":"oci://r/c","description":"d","version":{"semver":"1.4.0-rc.1+b","ref":"r","input_schema":{},"compatibility":{"clusterTypes":["x"],"kubernetes":{"minVersion":"1.30"},"placement":{"providers":"any","regions":["eu"]}}}}"#
            ),
            Case(
                "helm package", "post", "/packages", RequestBody.createPackage(name: "Web", source: helm),
                #"{"name":"Web","sources":[{"kind":"helm","repo_url":"oci://h/c","target_revision":"1.2.3"}]}"#),
            Case(
                "helm package with everything", "post", "/packages",
                RequestBody.createPackage(name: "Web", source: full),
                #"{"name":"Web","sources":[{"kind":"helm","repo_url":"oci://h/c","chart":"web","target_revision":"1.2.3","path":"charts","values":{"a":1e3}}]}"#
            ),
            Case(
                "package version", "post", "/packages/{id}/versions", RequestBody.createPackageVersion(bare),
                #"{"semver":"1.4.0","ref":"sha256:ab","input_schema":{"type":"object","properties":{"n":{"default":1.10}}}}"#
            ),
            Case(
                "cluster", "post", "/clusters",
                RequestBody.createCluster(name: "prod-eu", regionID: region, networkProfile: nil),
                #"{"name":"prod-eu","region_id":"regn_1"}"#),
            Case(
                "cluster with a profile", "post", "/clusters",
                RequestBody.createCluster(name: "prod-eu", regionID: region, networkProfile: "linux_cilium"),
                #"{"name":"prod-eu","region_id":"regn_1","network_profile":"linux_cilium"}"#),
            Case(
                "cluster update", "patch", "/clusters/{id}", RequestBody.updateCluster(name: "new", regionID: nil),
                #"{"name":"new"}"#),
            Case(
                "cluster move", "patch", "/clusters/{id}", RequestBody.updateCluster(name: nil, regionID: region),
                #"{"region_id":"regn_1"}"#),
            Case(
                "install of a package", "post", "/installs",
                RequestBody.createInstall(
                    .package(package, semver: "1.4.0"), regionID: region, clusterID: cluster,
                    initialValues: object(#"{"replicas":3,"big":12345678901234567890,"list":[null,"no"]}"#)),
                #"{"package_id":"pkg_1","package_version_pin":{"kind":"pinned","version":"1.4.0"},"region_id":"regn_1","cluster_id":"clu_1","initial_values":{"replicas":3,"big":12345678901234567890,"list":[null,"no"]}}"#
            ),
            Case(
                "install of a product", "post", "/installs",
                RequestBody.createInstall(.product(product), regionID: region, clusterID: nil, initialValues: nil),
                #"{"product_id":"prod_1","region_id":"regn_1"}"#),
            Case(
                "install update", "post", "/installs/{id}:update", RequestBody.updateInstall(to: version),
                #"{"package_version_id":"pkgv_2"}"#),
            Case(
                "automatic updates", "patch", "/installs/{id}/automatic_updates",
                RequestBody.setAutomaticUpdates(false),
                #"{"automatic_updates_enabled":false}"#),
            Case(
                "render", "post", "/installs/{id}/renders",
                RequestBody.createRender(message: "Fix \"it\"", annotations: ["b": "2", "a/x": "1"]),
                #"{"message":"Fix \"it\"","skip_unchanged":true,"extra_annotations":{"a/x":"1","b":"2"}}"#),
            Case(
                "bare render", "post", "/installs/{id}/renders",
                RequestBody.createRender(message: nil, skipUnchanged: false, annotations: [:]),
                #"{"skip_unchanged":false}"#),
        ]
    }()

    @Test(arguments: cases)
    func `a body has exactly these bytes`(_ row: Case) {
        #expect(String(decoding: row.bytes, as: UTF8.self) == row.text)
    }

    @Test(.enabled(if: OpenAPI.document != nil, "the platform's OpenAPI document is not at hand"), arguments: cases)
    func `a body is what the platform's OpenAPI document asks for`(_ row: Case) throws {
        let openAPI = try #require(OpenAPI.document)
        let body = try JSONReader.read(row.bytes)
        #expect(openAPI.problems(ofRequest: body, method: row.method, path: row.path) == [])
    }

    @Test(.enabled(if: OpenAPI.document != nil, "the platform's OpenAPI document is not at hand"))
    func `the check finds what is wrong`() throws {
        let openAPI = try #require(OpenAPI.document)
        for body in [
            #"{"region_id":"r"}"#, #"{"name":"a","region_id":"r","x":1}"#, #"{"name":1,"region_id":"r"}"#,
            #"{"name":"","region_id":"r"}"#, "[]",
        ] {
            #expect(openAPI.problems(ofRequest: json(body), method: "post", path: "/clusters") != [])
        }
        #expect(openAPI.problems(ofRequest: json(#"{"region_id":"r"}"#), method: "post", path: "/installs") != [])
    }
}
