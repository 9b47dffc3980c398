import Manifests
import Testing

/// What can be wrong in the spec of installs and in Settings.
@Suite struct InstallErrorTests {
    @Test(arguments: installsRows)
    func `installs`(_ row: ErrorCase) async throws { try await row.check() }

    @Test(arguments: settingsRows)
    func `settings`(_ row: ErrorCase) async throws { try await row.check() }

    @Test func `an unsupported field says so and nothing else`() async throws {
        let errors = try await FileTree(["a.yaml": settingsManifest("values: {strategy: nonsense}", "interval: 5m")])
            .errors()
        #expect(errors == ["a.yaml:5:3: values in spec of Settings is not supported by this version"])
    }

    @Test func `I11: no value of values is ever in an error`() async throws {
        let secret = "3f9a1c77b0de4a55"
        let text = installManifest(
            "values:", "  a: !int \(secret)", "  b: !!int \(secret)", "  c: [{d: \(secret), d: \(secret)}]", "  e: .inf"
        )
        let errors = try await FileTree(["a.yaml": text]).errors()
        #expect(errors.count == 4)
        #expect(!errors.joined().contains(secret))
    }
}

private let installsRows: [ErrorCase] = [
    ErrorCase(
        "nothing", manifest("Install", "x", "values: {}"),
        "4:1: spec of Install needs package, packageID, product or productID",
        "4:1: spec of Install needs region or regionID"),
    ErrorCase(
        "a package and a product", installManifest("product: p"),
        "6:3: version can't be chosen with a product; the product decides which version its installs get",
        "8:3: packageID and product in spec of Install exclude each other; give one of package, packageID, product and productID"
    ),
    ErrorCase(
        "a package without version", manifest("Install", "x", "package: p", "region: eu"),
        "5:3: a package needs a version beside it; add version: an exact one, a range such as ~1.4, or latest"),
    ErrorCase(
        "a product with version", manifest("Install", "x", "product: p", "version: latest", "region: eu"),
        "6:3: version can't be chosen with a product; the product decides which version its installs get"),
    ErrorCase(
        "a version that is none", manifest("Install", "x", "package: p", "version: newest", "region: eu"),
        "6:12: version must be an exact version, a range such as ~1.4 or '>=1.4 <2', or latest, not 'newest'"),
    ErrorCase(
        "a misspelt latest", manifest("Install", "x", "package: p", "version: lastest", "region: eu"),
        "6:12: version must be an exact version, a range such as ~1.4 or '>=1.4 <2', or latest, not 'lastest'; did you mean 'latest'?"
    ),
    ErrorCase(
        "automatic updates of an exact version", installManifest("automaticUpdates: true"),
        "8:21: automaticUpdates contradicts the exact version 1.0.0; give a range, or leave updates to commits"),
    ErrorCase(
        "automatic updates that are text", installManifest("automaticUpdates: on"),
        "8:21: automaticUpdates must be true or false, not text"),
    ErrorCase(
        "two clusters", installManifest("cluster: a", "clusterID: clu_b"),
        "9:3: cluster and clusterID in spec of Install exclude each other; give one of cluster and clusterID"),
    ErrorCase(
        "a misspelt field", installManifest("vaules: {}"),
        "8:3: unknown field 'vaules' in spec of Install; did you mean 'values'?"),
    ErrorCase("a field unlike any", installManifest("replicas: 3"), "8:3: unknown field 'replicas' in spec of Install"),
    ErrorCase(
        "a replacement", installManifest("onImmutableChange: replace"),
        "8:22: onImmutableChange: replace is not supported by this version"),
    ErrorCase(
        "an unknown policy", installManifest("onImmutableChange: ignore"),
        "8:22: onImmutableChange must be fail, not 'ignore'"),
    ErrorCase("values that are a list", installManifest("values: [a]"), "8:11: values must be a mapping, not a list"),
    ErrorCase(
        "not-a-number in values, wherever it is", installManifest("values:", "  a: {b: [1, .nan]}", "  c: -.inf"),
        "9:16: values holds not-a-number, which JSON can't hold; quote it to mean text",
        "10:8: values holds infinity, which JSON can't hold; quote it to mean text"),
    ErrorCase(
        "a tag in values", installManifest("values: {a: !secret x}"),
        "8:15: the tag '!secret' can't stand on a scalar; only the tags of the core schema are read: !!str !!int !!float !!bool !!null !!map !!seq"
    ),
    ErrorCase(
        "a bad length of time", installManifest("wait: {timeout: 5 minutes}"),
        "8:19: timeout \(lengthOfTime), not '5 minutes'"),
    ErrorCase(
        "a length of time without unit", installManifest("wait: {timeout: 30}"),
        "8:19: timeout \(lengthOfTime), not '30'; add the unit: ms, s, m or h"),
    ErrorCase(
        "units out of order", installManifest("wait: {timeout: 5s1m}"), "8:19: timeout \(lengthOfTime), not '5s1m'"),
    ErrorCase(
        "a length of time out of bounds", installManifest("wait: {timeout: 25h}"),
        "8:19: timeout is 25h; 1s to 24h are allowed"),
    ErrorCase(
        "no length of time at all", installManifest("wait: {timeout: 0s}"), "8:19: timeout is 0s; 1s to 24h are allowed"
    ),
    ErrorCase("a wait that is no mapping", installManifest("wait: 5m"), "8:9: wait must be a mapping, not text"),
    ErrorCase(
        "a dependency without a kind", installManifest("dependsOn: [postgres]"),
        "8:15: an item of dependsOn must be a kind, a slash and a name, such as Install/postgres, not 'postgres'"),
    ErrorCase(
        "a dependency of an unknown kind", installManifest("dependsOn: [Instal/postgres]"),
        "8:15: an item of dependsOn has the unknown kind 'Instal'; did you mean 'Install'?"),
    ErrorCase(
        "a dependency on Settings", installManifest("dependsOn: [Settings/settings]"),
        "8:15: an item of dependsOn has the unknown kind 'Settings'"),
    ErrorCase(
        "dependencies that are text", installManifest("dependsOn: Install/a"),
        "8:14: dependsOn must be a list, not text"),
    ErrorCase(
        "an item of valuesFrom that is text", installManifest("valuesFrom: [a.yaml]"),
        "8:16: an item of valuesFrom must be a mapping, not text"),
    ErrorCase(
        "an item of valuesFrom without file", installManifest("valuesFrom: [{files: a.yaml}]"),
        "8:16: an item of valuesFrom needs file",
        "8:17: unknown field 'files' in an item of valuesFrom; did you mean 'file'?"),
    ErrorCase(
        "an absolute path", installManifest("valuesFrom: [{file: /etc/passwd}]"),
        "8:23: '/etc/passwd' is an absolute path; give it relative to this file"),
    ErrorCase(
        "a path out of the repository", installManifest("valuesFrom: [{file: ../a.yaml}]"),
        "8:23: '../a.yaml' leads out of the repository; only files of the repository can be read"),
    ErrorCase(
        "a path of a folder", installManifest("valuesFrom: [{file: a/}]"), "8:23: 'a/' names a folder; give a file"),
]

private let settingsRows: [ErrorCase] = [
    ErrorCase(
        "another name", manifest("Settings", "config", "mode: plan"),
        "3:18: Settings must be called 'settings', not 'config'; a source has one Settings document"),
    ErrorCase(
        "what this build can't do",
        settingsManifest(
            "values: {strategy: push}", "syncWindows: []", "overlays: []", "variables: {}", "rollout: {}",
            "approval: {}", "allow: []", "notifications: []"),
        "5:3: values in spec of Settings is not supported by this version",
        "6:3: syncWindows in spec of Settings is not supported by this version",
        "7:3: overlays in spec of Settings is not supported by this version",
        "8:3: variables in spec of Settings is not supported by this version",
        "9:3: rollout in spec of Settings is not supported by this version",
        "10:3: approval in spec of Settings is not supported by this version",
        "11:3: allow in spec of Settings is not supported by this version",
        "12:3: notifications in spec of Settings is not supported by this version"),
    ErrorCase(
        "a policy for deletion", settingsManifest("deletionPolicy: retain"),
        "5:3: unknown field 'deletionPolicy' in spec of Settings"),
    ErrorCase(
        "an interval too short", settingsManifest("interval: 1s"), "5:13: interval is 1s; 10s to 24h are allowed"),
    ErrorCase(
        "a suspension without reason", settingsManifest("suspend: {until: 2026-12-01T08:00:00Z}"),
        "5:12: suspend needs reason"),
    ErrorCase(
        "a suspension that is a flag", settingsManifest("suspend: true"),
        "5:12: suspend must be a mapping, not a boolean"),
    ErrorCase(
        "a moment without zone", settingsManifest("suspend: {reason: a, until: 2026-12-01}"),
        "5:31: until must be a moment in UTC such as 2026-12-01T08:00:00Z, not '2026-12-01'"),
    ErrorCase(
        "a day that does not exist", settingsManifest("suspend: {reason: a, until: 2026-02-30T08:00:00Z}"),
        "5:31: until must be a moment in UTC such as 2026-12-01T08:00:00Z, not '2026-02-30T08:00:00Z'"),
    ErrorCase(
        "an unknown mode", settingsManifest("mode: aply"),
        "5:9: mode must be apply or plan, not 'aply'; did you mean 'apply'?"),
    ErrorCase(
        "a count that is text", settingsManifest("prune: {maxDeletes: ten}"),
        "5:23: maxDeletes must be a whole number, not 'ten'"),
    ErrorCase(
        "a count that is a fraction", settingsManifest("prune: {maxDeletes: 1.5}"),
        "5:23: maxDeletes must be a whole number, not '1.5'"),
    ErrorCase(
        "a quoted count", settingsManifest("prune: {maxDeletes: '10'}"),
        "5:23: maxDeletes must be a whole number, not '10'"
    ),
    ErrorCase(
        "more than all", settingsManifest("prune: {maxDeletePercent: 101}"),
        "5:29: maxDeletePercent is 101; 0 to 100 are allowed"),
    ErrorCase("no requests at all", settingsManifest("concurrency: 0"), "5:16: concurrency is 0; 1 to 256 are allowed"),
    ErrorCase(
        "a back-off that shrinks", settingsManifest("retry: {backoff: 10s, maxBackoff: 1s}"),
        "5:37: maxBackoff (1s) is shorter than backoff (10s)"),
    ErrorCase(
        "a misspelt field within", settingsManifest("timeouts: {requests: 1s}"),
        "5:14: unknown field 'requests' in timeouts; did you mean 'request'?"),
]

private func installManifest(_ lines: String...) -> String {
    manifest(
        "Install", "x", (["packageID: pkg_1", "version: 1.0.0", "region: eu"] + lines).joined(separator: "\n"))
}
private let lengthOfTime = "must be a length of time such as 30s, 5m or 1h30m"

private func settingsManifest(_ lines: String...) -> String {
    manifest("Settings", "settings", lines.joined(separator: "\n"))
}
