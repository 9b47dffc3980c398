import JSON
import Manifests
import Testing

/// What the documents and files of a source say together.
@Suite struct SourceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var files: [String: String]
        var errors: [String] = []
        var warnings: [String] = []
    }

    @Test(arguments: errorRows)
    func `errors`(_ row: Case) async throws {
        #expect(try await FileTree(row.files).errors() == row.errors)
    }

    @Test(arguments: warningRows)
    func `warnings`(_ row: Case) async throws {
        #expect(try await FileTree(row.files).warnings() == row.warnings)
    }

    @Test func `errors of all files come in one run, sorted by place`() async throws {
        let broken = manifest("Cluster", "x", "regoin: eu")
        let files = ["b.yaml": broken, "a/c.yaml": "x: [", "a.yaml": broken + "---\n" + broken]
        let errors = try await FileTree(files).errors()
        #expect(
            errors.map { $0.prefix { $0 != " " } } == [
                "a.yaml:4:1:", "a.yaml:5:3:", "a.yaml:9:18:", "a.yaml:10:1:", "a.yaml:11:3:", "a/c.yaml:2:1:",
                "b.yaml:3:18:", "b.yaml:4:1:", "b.yaml:5:3:",
            ])
    }

    @Test func `a thousand errors are told, and how many there are beyond`() async throws {
        let files = Dictionary(uniqueKeysWithValues: (1_000..<2_200).map { ("f\($0).yaml", "kind: X") })
        let errors = try await FileTree(files).errors()
        #expect(errors.count == 1_001)
        #expect(errors.last == "f2199.yaml:1:1: and 200 more")
    }

    @Test func `other groups, other files and empty documents are no manifests`() async throws {
        let files = [
            "a.yaml":
                "apiVersion: v1\nkind: Secret\n---\napiVersion: apps/v1\nkind: [x, x]\nq: 1\nq: 2\n---\n---\n# c\n",
            "README.md": "# x", "b.json": #"{"name": "x", "version": "1"}"#, "tsconfig.json": "{ // comment\n}",
            "list.json": "[1]", "empty.yaml": "", "chart.tpl": "{{ x }}",
            "c.yml": manifest("Cluster", "c", "region: eu"), "d.YAML": manifest("Cluster", "d", "region: eu"),
        ]
        #expect(try await FileTree(files).state().clusters.map(\.header.name) == ["c", "d"])
    }

    @Test func `a source without manifests is empty`() async throws {
        #expect(try await FileTree(["a.md": "x", "b.yaml": "apiVersion: v1\nkind: X\n"]).read() == .empty)
        #expect(try await FileTree([:]).read() == .empty)
    }

    @Test func `only what lies under the source's path is read`() async throws {
        let files = [
            "clusters/prod/a.yaml": manifest("Cluster", "a", "region: eu"), "clusters/b.yaml": "nonsense: [",
            "clusters/production/c.yaml": "nonsense: [",
        ]
        let state = try await FileTree(files, root: "clusters/prod").state()
        #expect(state.clusters.map(\.header.location.description) == ["clusters/prod/a.yaml:1:1"])
    }

    @Test func `a symbolic link is an error where a manifest could be, and passed over elsewhere`() async throws {
        let files = ["a.yaml": manifest("Cluster", "a", "region: eu"), ".akuaignore": "ignored.yaml\n"]
        let links: Set<String> = ["b.yaml", "README.md", "ignored.yaml", ".hidden.yaml"]
        #expect(
            try await FileTree(files, links: links).errors() == [
                "b.yaml:1:1: a symbolic link, which is never followed;"
                    + " commit the file itself, or name it in .akuaignore"
            ])
    }

    @Test func `a file too large to read is an error`() async throws {
        var tree = FileTree(["a.yaml": manifest("Cluster", "a", "region: eu")])
        tree.texts["b.yaml"] = Array(repeating: 0x20, count: 4_194_305)
        #expect(
            try await tree.errors() == [
                "b.yaml:1:1: a file of 4194305 bytes, more than the 4194304 that are read;"
                    + " a file that holds no manifests can be named in .akuaignore"
            ])
    }

    @Test func `I9: what is left out is remembered by its name`() async throws {
        let files = [
            ".akuaignore": "old/\n", "old/a.yaml": manifest("Install", "gone", "product: p", "region: eu"),
            "old/broken.yaml": manifest("Install", "broken", "nonsense: 1") + "---\n[",
            ".hidden/b.yaml": manifest("Cluster", "hidden", "region: eu"),
            "old/settings.yaml": manifest("Settings", "settings"),
            "old/copy.yaml": manifest("Cluster", "c", "region: eu"), "c.yaml": manifest("Cluster", "c", "region: eu"),
            "i.yaml": manifest("Install", "i", "product: p", "region: eu", "valuesFrom: [{file: values.yaml}]"),
            "values.yaml": manifest("Package", "values", "ociRef: oci://h/r"),
        ]
        let tree = FileTree(files)
        let state = try await tree.state()
        #expect(
            state.skipped == [
                ObjectReference(.install, "gone"), ObjectReference(.install, "broken"),
                ObjectReference(.cluster, "hidden"), ObjectReference(.package, "values"),
            ])
        #expect(!state.hasSettings)
        #expect(
            try await tree.warnings() == [
                "values.yaml:3:18: Package/values is left out; its file is read by valuesFrom or inputSchemaFile,"
                    + " and such files hold no manifests"
            ])
    }

    @Test func `valuesFrom merges in order, spec.values last, and null replaces`() async throws {
        let files = [
            "clusters/prod/i.yaml": manifest(
                "Install", "i", "product: p", "region: eu",
                "valuesFrom: [{file: ../../shared/base.yaml}, {file: ./prod.json}, {file: none.yaml}]",
                "values: {c: {z: 3}, list: [9], gone: null, n: 1.10}"),
            "shared/base.yaml": "a: 1\nb: {x: 1, y: {p: 1}}\nc: {z: 1, w: 2}\nlist: [1, 2]\ngone: {k: 1}\n",
            "clusters/prod/prod.json": #"{"b": {"y": {"q": 2}, "x": null}, "a": {"now": "a mapping"}}"#,
            "clusters/prod/none.yaml": "# nothing yet\n",
        ]
        let install = try #require(try await FileTree(files, root: "clusters/prod").state().installs.first)
        #expect(
            JSONWriter().text(of: .object(install.values))
                == #"{"a":{"now":"a mapping"},"b":{"x":null,"y":{"p":1,"q":2}},"c":{"z":3,"w":2},"list":[9],"gone":null,"n":1.10}"#
        )
    }

    @Test func `inputSchemaFile is read from beside the manifest`() async throws {
        let files = [
            "p/v.yaml": manifest(
                "PackageVersion", "v", "packageID: pkg_1", "semver: 1.0.0", "ref: r",
                "inputSchemaFile: s/schema.json"),
            "p/s/schema.json": #"{"type": "object", "maximum": 1.50}"#,
        ]
        let version = try #require(try await FileTree(files).state().packageVersions.first)
        #expect(JSONWriter().text(of: .object(version.inputSchema)) == #"{"type":"object","maximum":1.50}"#)
    }

    @Test func `dependencies may be a very long chain`() async throws {
        let count = 3_000
        let text = (0..<count).map { index in
            manifest(
                "Install", "i\(index)", "product: p", "region: eu",
                index + 1 < count ? "dependsOn: [Install/i\(index + 1)]" : "")
        }.joined(separator: "---\n")
        #expect(try await FileTree(["a.yaml": text]).state().installs.count == count)
    }
}

private func install(_ name: String, _ lines: String...) -> String {
    manifest("Install", name, (["product: p", "region: eu"] + lines).joined(separator: "\n"))
}

private func version(_ name: String, _ package: String, _ semver: String) -> String {
    manifest("PackageVersion", name, "package: \(package)", "semver: \(semver)", "ref: r", "inputSchema: {}")
}

private func package(_ name: String, _ lines: String...) -> String {
    manifest("Package", name, (["ociRef: oci://h/\(name)"] + lines).joined(separator: "\n"))
}

private let errorRows: [SourceTests.Case] = [
    .init(
        testDescription: "a name declared twice", files: ["a.yaml": install("x"), "b/b.yaml": install("x")],
        errors: ["b/b.yaml:3:18: Install/x is declared twice; it was first declared at a.yaml:3:18"]),
    .init(
        testDescription: "the same name of two kinds is fine",
        files: ["a.yaml": install("x"), "b.yaml": manifest("Cluster", "x", "region: eu")]),
    .init(
        testDescription: "names that differ in case", files: ["a.yaml": install("Web") + "---\n" + install("web")],
        errors: ["a.yaml:10:18: Install/web and Install/Web differ in case only; the other is declared at a.yaml:3:18"]),
    .init(
        testDescription: "a duplicate of a document that is wrong itself",
        files: ["a.yaml": manifest("Cluster", "x"), "b.yaml": manifest("Cluster", "x", "region: eu")],
        errors: [
            "a.yaml:1:1: Cluster needs spec",
            "b.yaml:3:18: Cluster/x is declared twice; it was first declared at a.yaml:3:18",
        ]),
    .init(
        testDescription: "two Settings",
        files: [
            "a.yaml": manifest("Settings", "settings", "mode: plan"),
            "b.yaml": manifest("Settings", "settings", "mode: apply"),
        ],
        errors: ["b.yaml:3:18: Settings/settings is declared twice; it was first declared at a.yaml:3:18"]),
    .init(
        testDescription: "one object adopted twice",
        files: ["a.yaml": install("x", "installID: inst_1"), "b.yaml": install("y", "installID: inst_1")],
        errors: [
            "b.yaml:7:14: Install/y and Install/x adopt the same object 'inst_1'; the other does so at a.yaml:7:14"
        ]),
    .init(
        testDescription: "two clusters of one name",
        files: [
            "a.yaml": manifest("Cluster", "x", "region: eu"),
            "b.yaml": manifest("Cluster", "y", "region: eu", "name: x"),
        ],
        errors: [
            "b.yaml:6:9: Cluster/y and Cluster/x have the same name on the platform; the other is declared at a.yaml:3:18"
        ]),
    .init(
        testDescription: "two packages of one name and repository",
        files: [
            "a.yaml": manifest("Package", "x", "ociRef: oci://h/r", "name: P"),
            "b.yaml": manifest("Package", "y", "ociRef: oci://h/r", "name: P"),
        ],
        errors: [
            "b.yaml:6:9: Package/y and Package/x have the same name on the platform; the other is declared at a.yaml:3:18"
        ]),
    .init(
        testDescription: "one version twice",
        files: ["a.yaml": package("p"), "b.yaml": version("v", "p", "1.0.0"), "c.yaml": version("w", "p", "1.0.0")],
        errors: [
            "c.yaml:6:11: PackageVersion/w and PackageVersion/v are both version 1.0.0 of the same package;"
                + " the other is declared at b.yaml:6:11"
        ]),
    .init(
        testDescription: "one version twice, once by the package's id",
        files: [
            "a.yaml": package("p", "packageID: pkg_1"), "b.yaml": version("v", "p", "1.0.0"),
            "c.yaml": manifest("PackageVersion", "w", "packageID: pkg_1", "semver: 1.0.0", "ref: r", "inputSchema: {}"),
        ],
        errors: [
            "c.yaml:6:11: PackageVersion/w and PackageVersion/v are both version 1.0.0 of the same package;"
                + " the other is declared at b.yaml:6:11"
        ]),
    .init(
        testDescription: "versions that differ in build metadata are two",
        files: [
            "a.yaml": package("p"), "b.yaml": version("v", "p", "1.0.0+a") + "---\n" + version("w", "p", "1.0.0+b"),
        ]),
    .init(
        testDescription: "a version of a package built from a chart",
        files: [
            "a.yaml": manifest("Package", "p", "helm: {repoURL: oci://h, targetRevision: 1}"),
            "b.yaml": version("v", "p", "1.0.0"),
        ],
        errors: [
            "b.yaml:5:12: Package/p is built from a chart;"
                + " the platform publishes its versions itself; remove this PackageVersion"
        ]),
    .init(
        testDescription: "a dependency that is not declared",
        files: ["a.yaml": install("x", "dependsOn: [Install/postgers]"), "b.yaml": install("postgres")],
        errors: [
            "a.yaml:7:15: dependsOn names 'Install/postgers', which is not declared here; did you mean 'Install/postgres'?"
        ]),
    .init(
        testDescription: "a dependency on another kind of that name",
        files: ["a.yaml": install("x", "dependsOn: [Install/db]"), "b.yaml": manifest("Cluster", "db", "region: eu")],
        errors: ["a.yaml:7:15: dependsOn names 'Install/db', which is not declared here; did you mean 'Cluster/db'?"]),
    .init(
        testDescription: "a dependency like no other",
        files: ["a.yaml": install("x", "dependsOn: [Install/other]")],
        errors: ["a.yaml:7:15: dependsOn names 'Install/other', which is not declared here"]),
    .init(
        testDescription: "references are not judged while something could not be read",
        files: ["a.yaml": install("x", "dependsOn: [Install/other]"), "b.yaml": "x: ["],
        errors: ["b.yaml:2:1: did not find expected node content while parsing a flow node"]),
    .init(
        testDescription: "what looks like nobody's is not judged while something could not be read",
        files: ["a.yaml": "[\n", "values.yaml": "a: 1", "list.yaml": "- 1"],
        errors: ["a.yaml:2:1: did not find expected node content while parsing a flow node"]),
    .init(
        testDescription: "a values file of a manifest that is wrong is no manifest",
        files: ["a.yaml": manifest("Install", "x", "valuesFrom: [{file: v.yaml}]", "product: p"), "v.yaml": "a: 1"],
        errors: ["a.yaml:4:1: spec of Install needs region or regionID"]),
    .init(
        testDescription: "a dependency named twice",
        files: ["a.yaml": install("x", "dependsOn: [Install/y, Install/y]"), "b.yaml": install("y")],
        errors: ["a.yaml:7:26: dependsOn names Install/y twice"]),
    .init(
        testDescription: "a circle of one", files: ["a.yaml": install("x", "dependsOn: [Install/x]")],
        errors: [
            "a.yaml:7:15: dependsOn goes in a circle: Install/x → Install/x; remove one of these dependencies"
        ]),
    .init(
        testDescription: "a circle of three, told once, where it comes first",
        files: [
            "a.yaml": install("a", "dependsOn: [Install/b]"),
            "b.yaml": install("b", "dependsOn: [Install/d, Install/c]"),
            "c.yaml": install("c", "dependsOn: [Install/a, Install/b]"), "d.yaml": install("d"),
        ],
        errors: [
            "a.yaml:7:15: dependsOn goes in a circle: Install/a → Install/b → Install/c → Install/a;"
                + " remove one of these dependencies"
        ]),
    .init(
        testDescription: "files that are not there",
        files: [
            "a/a.yaml": install("x", "valuesFrom: [{file: ../values/bse.yaml}, {file: none.yaml}]"),
            "values/base.yaml": "a: 1", "b.yaml": install("y", "valuesFrom: [{file: values/base.yaml}]"),
        ],
        errors: [
            "a/a.yaml:7:23: 'values/bse.yaml' is not in the repository; did you mean 'values/base.yaml'?",
            "a/a.yaml:7:51: 'a/none.yaml' is not in the repository",
        ]),
    .init(
        testDescription: "a values file with errors is told once, however often it is read",
        files: [
            "a.yaml": install("x", "valuesFrom: [{file: v.yaml}]") + "---\n"
                + install("y", "valuesFrom: [{file: v.yaml}]"),
            "v.yaml": "a: 1\na: 2\nb: .inf\n",
        ],
        errors: ["v.yaml:2:1: the key 'a' occurs twice in one mapping; it was first given at 1:1"]),
    .init(
        testDescription: "a values file that can't be values",
        files: [
            "a.yaml": install("x", "valuesFrom: [{file: v.yaml}, {file: w.yaml}, {file: u.json}, {file: i.yaml}]"),
            "v.yaml": "[1]", "w.yaml": "a: 1\n---\nb: 2\n", "u.json": "{\"a\": 01}", "i.yaml": "a: {b: -.inf}",
        ],
        errors: [
            "i.yaml:1:8: infinity, which JSON can't hold; quote it to mean text", "u.json:1:7: not a JSON number",
            "v.yaml:1:1: a file of values or a schema must hold a mapping, not a list",
            "w.yaml:3:1: a second document; only one is expected in this file",
        ]),
    .init(
        testDescription: "an ignore file that can't be one",
        files: [".akuaignore": (0...1_000).map { "f\($0)\n" }.joined(), "a.yaml": install("x")],
        errors: [".akuaignore:1:1: an ignore file with more than 1000 patterns"]),
]

private let warningRows: [SourceTests.Case] = [
    .init(
        testDescription: "what is only in the workspace is nobody's business",
        files: [
            "a.yaml": manifest("Install", "x", "package: foreign", "version: 1.0.0", "region: eu", "cluster: elsewhere")
        ]),
    .init(
        testDescription: "a package that looks misspelt",
        files: [
            "a.yaml": manifest("Install", "x", "package: chekcout", "version: 1.0.0", "region: eu"),
            "p.yaml": package("checkout", "packageID: pkg_1"),
        ],
        warnings: [
            "a.yaml:5:12: no Package 'chekcout' is declared here;"
                + " if it is not one of the workspace, did you mean 'checkout'?"
        ]),
    .init(
        testDescription: "a cluster by its name on the platform",
        files: [
            "a.yaml": install("x", "cluster: Production"),
            "c.yaml": manifest("Cluster", "prod", "region: eu", "name: Production"),
        ],
        warnings: [
            "a.yaml:7:12: 'Production' is what Cluster/prod is called on the platform; refer to it by metadata.name: prod"
        ]),
    .init(
        testDescription: "a package without versions", files: ["p.yaml": package("p")],
        warnings: [
            "p.yaml:3:18: Package/p has no PackageVersion here;"
                + " the platform can't create a package without a version, so it must be in the workspace already"
        ]),
    .init(
        testDescription: "a package with versions by its id",
        files: [
            "p.yaml": package("p", "packageID: pkg_1"),
            "v.yaml": manifest("PackageVersion", "w", "packageID: pkg_1", "semver: 1.0.0", "ref: r", "inputSchema: {}"),
        ]),
    .init(
        testDescription: "a version that is not declared",
        files: [
            "a.yaml": manifest("Install", "x", "package: p", "version: 1.0.11", "region: eu"), "p.yaml": package("p"),
            "v.yaml": version("v", "p", "1.0.1"),
        ],
        warnings: ["a.yaml:6:12: version 1.0.11 of Package/p is not declared here; did you mean '1.0.1'?"]),
    .init(
        testDescription: "a range that no declared version is in",
        files: [
            "a.yaml": manifest("Install", "x", "package: p", "version: ^2", "region: eu"), "p.yaml": package("p"),
            "v.yaml": version("v", "p", "1.0.1"),
        ],
        warnings: [
            "a.yaml:6:12: no version of Package/p declared here is in '^2'; one must be in the workspace already"
        ]),
    .init(
        testDescription: "a range that a declared version is in",
        files: [
            "a.yaml": manifest("Install", "x", "package: p", "version: ^1", "region: eu"), "p.yaml": package("p"),
            "v.yaml": version("v", "p", "1.0.1"),
        ]),
    .init(
        testDescription: "a version of a package that looks misspelt",
        files: ["p.yaml": package("checkout", "packageID: pkg_1"), "v.yaml": version("v", "checkuot", "1.0.1")],
        warnings: [
            "v.yaml:5:12: no Package 'checkuot' is declared here;"
                + " if it is not one of the workspace, did you mean 'checkout'?"
        ]),
]
