import Manifests
import Testing

/// What makes a document no manifest, or one with a wrong head.
@Suite struct DocumentErrorTests {
    @Test(arguments: documentsRows)
    func `documents`(_ row: ErrorCase) async throws { try await row.check() }

    @Test(arguments: metadataRows)
    func `metadata`(_ row: ErrorCase) async throws { try await row.check() }
}

private let documentsRows: [ErrorCase] = [
    ErrorCase(
        "a mapping without apiVersion", "kind: Install\n",
        "1:1: a mapping without apiVersion; \(ignore)"),
    ErrorCase(
        "a misspelt apiVersion", "apiversion: gitops.akua.dev/v1\nkind: Install\n",
        "1:1: a manifest without apiVersion, but with 'apiversion'; did you mean 'apiVersion'?"),
    ErrorCase(
        "an apiVersion without value", "apiVersion:\nkind: Install\n",
        "1:1: a mapping without apiVersion; \(ignore)"),
    ErrorCase(
        "a group within two edits", "apiVersion: gitop.akua.dev/v1\nkind: Install\n",
        "1:13: the unknown apiVersion 'gitop.akua.dev/v1'; did you mean 'gitops.akua.dev/v1'?"),
    ErrorCase(
        "a group in another case", "apiVersion: GitOps.Akua.dev/v1\n",
        "1:13: the unknown apiVersion 'GitOps.Akua.dev/v1'; did you mean 'gitops.akua.dev/v1'?"),
    ErrorCase(
        "a swapped letter in the group", "apiVersion: gitosp.akua.dev/v2\n",
        "1:13: the unknown apiVersion 'gitosp.akua.dev/v2'; did you mean 'gitops.akua.dev/v1'?"),
    ErrorCase(
        "our group without a version", "apiVersion: gitops.akua.dev\n",
        "1:13: 'gitops.akua.dev' is not supported by this version; write apiVersion: gitops.akua.dev/v1"),
    ErrorCase(
        "another version of our group", "apiVersion: gitops.akua.dev/v1beta1\n",
        "1:13: 'gitops.akua.dev/v1beta1' is not supported by this version; write apiVersion: gitops.akua.dev/v1"),
    ErrorCase("an apiVersion that is no text", "apiVersion: [a]\n", "1:13: apiVersion must be text, not a list"),
    ErrorCase("a list", "- a\n", "1:1: a list where a manifest should be; \(ignore)"),
    ErrorCase("a text", "---\nhello\n", "2:1: text where a manifest should be; \(ignore)"),
    ErrorCase("no kind", "apiVersion: gitops.akua.dev/v1\nmetadata: {name: x}\n", "1:1: the manifest needs kind"),
    ErrorCase(
        "an unknown kind", "apiVersion: gitops.akua.dev/v1\nkind: Intsall\nmetadata: {name: x}\n",
        "2:7: unknown kind 'Intsall'; did you mean 'Install'?"),
    ErrorCase(
        "a kind in another case", "apiVersion: gitops.akua.dev/v1\nkind: install\nmetadata: {name: x}\n",
        "2:7: unknown kind 'install'; did you mean 'Install'?"),
    ErrorCase(
        "a kind unlike any", "apiVersion: gitops.akua.dev/v1\nkind: Secret\nmetadata: {name: x}\n",
        "2:7: unknown kind 'Secret'; there are Package, PackageVersion, Cluster, Install, Settings"),
    ErrorCase(
        "no metadata", "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nspec: {region: eu}\n",
        "1:1: the manifest needs metadata"),
    ErrorCase(
        "no spec", "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nmetadata: {name: x}\n",
        "1:1: Cluster needs spec"),
    ErrorCase(
        "a field beside spec", manifest("Cluster", "x", "region: eu") + "status: {}\n",
        "6:1: unknown field 'status' in the manifest"),
    ErrorCase(
        "a misspelt field beside spec",
        "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nmetdata: {name: x}\nspec: {region: eu}\n",
        "1:1: the manifest needs metadata", "3:1: unknown field 'metdata' in the manifest; did you mean 'metadata'?"
    ),
    ErrorCase(
        "a spec that is a list", "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nmetadata: {name: x}\nspec: []\n",
        "4:7: spec of Cluster must be a mapping, not a list"),
    ErrorCase(
        "a syntax error", "apiVersion: gitops.akua.dev/v1\nkind: [\n",
        "3:1: did not find expected node content while parsing a flow node"),
    ErrorCase(
        "a duplicate key",
        "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nkind: Install\nmetadata: {name: x}\nspec: {region: eu}\n",
        "3:1: the key 'kind' occurs twice in one mapping; it was first given at 2:1"),
    ErrorCase(
        "JSON with an error", "{\"apiVersion\": \"gitops.akua.dev/v1\",\n \"kind\" \"Install\"}",
        "2:9: unexpected character '\"' in JSON", file: "a.json"),
    ErrorCase(
        "JSON with a doubtful group", #"{"apiVersion": "gitops.akua.de/v1"}"#,
        "1:16: the unknown apiVersion 'gitops.akua.de/v1'; did you mean 'gitops.akua.dev/v1'?", file: "a.json"),
    ErrorCase(
        "JSON with a wrong field",
        "{\"apiVersion\":\"gitops.akua.dev/v1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"x\"},\n\"spec\":{\"regoin\":\"eu\"}}",
        "2:1: spec of Cluster needs region or regionID",
        "2:9: unknown field 'regoin' in spec of Cluster; did you mean 'region'?",
        file: "a.json"),
    ErrorCase(
        "errors of several documents", manifest("Cluster", "x") + "---\n" + manifest("Cluster", "y", "region: [a]"),
        "1:1: Cluster needs spec", "10:11: region must be text, not a list"),
]

private let metadataRows: [ErrorCase] = [
    ErrorCase("no name", metadataManifest("labels: {}"), "4:3: metadata needs name"),
    ErrorCase("an empty name", metadataManifest("name: ''"), "4:9: name is empty"),
    ErrorCase("a name without value", metadataManifest("name:"), "4:3: name in metadata has no value"),
    ErrorCase("a name with a space", metadataManifest("name: a b"), "4:9: \(nameForm), not 'a b'"),
    ErrorCase("a name that ends in a dash", metadataManifest("name: a-"), "4:9: \(nameForm), not 'a-'"),
    ErrorCase("a name that begins with a dot", metadataManifest("name: .a"), "4:9: \(nameForm), not '.a'"),
    ErrorCase(
        "a name of 101 characters", metadataManifest("name: \(String(repeating: "a", count: 101))"),
        "4:9: name has 101 characters; 1 to 100 are allowed"),
    ErrorCase(
        "a name with an escape", metadataManifest(#"name: "a\e[0m""#), "4:9: name holds the control character U+1B"),
    ErrorCase("a name that is a list", metadataManifest("name: [a]"), "4:9: name must be text, not a list"),
    ErrorCase(
        "an unknown field", metadataManifest("name: x\n  namespace: y"), "5:3: unknown field 'namespace' in metadata"),
    ErrorCase(
        "labels that are a list", metadataManifest("name: x\n  labels: [a]"),
        "5:11: labels must be a mapping, not a list"),
    ErrorCase(
        "a label with a bad key", metadataManifest("name: x\n  labels: {a b: c}"),
        "5:12: a key of labels \(keyForm), not 'a b'"),
    ErrorCase(
        "a label with a bad domain", metadataManifest("name: x\n  labels: {A.com/b: c}"),
        "5:12: a key of labels \(keyForm), not 'A.com/b'"),
    ErrorCase(
        "a label with a bad value", metadataManifest("name: x\n  labels: {a: b c}"),
        "5:15: a in labels \(valueForm), not 'b c'"),
    ErrorCase(
        "a label with a long value", metadataManifest("name: x\n  labels: {a: \(String(repeating: "b", count: 64))}"),
        "5:15: a in labels has 64 characters; 0 to 63 are allowed"),
    ErrorCase(
        "a label without value", metadataManifest("name: x\n  labels: {a: }"),
        "5:15: a in labels must be text, not nothing"
    ),
    ErrorCase(
        "a label that is a mapping", metadataManifest("name: x\n  labels: {a: {}}"),
        "5:15: a in labels must be text, not a mapping"),
    ErrorCase(
        "thirteen annotations",
        metadataManifest("name: x\n  annotations: {\((0..<13).map { "a\($0): b" }.joined(separator: ", "))}"),
        "5:16: annotations has 13 entries; up to 12 are allowed"),
    ErrorCase(
        "an annotation of ours", metadataManifest("name: x\n  annotations: {gitops.akua.dev/commit: y}"),
        "5:17: keys that begin with gitops.akua.dev/ are set by the daemon"),
]

private let ignore =
    "a manifest begins with apiVersion: gitops.akua.dev/v1; a file that holds no manifests can be named in .akuaignore"

private func metadataManifest(_ metadata: String) -> String {
    "apiVersion: gitops.akua.dev/v1\nkind: Cluster\nmetadata:\n  \(metadata)\nspec: {region: eu}\n"
}
private let nameForm = "name must be letters, digits, '.', '_' and '-', with a letter or digit at both ends"
private let valueForm =
    "must be up to 63 letters, digits, '.', '_' and '-', with a letter or digit at both ends"
private let keyForm =
    "must be a name of up to 63 letters, digits, '.', '_' and '-', or a domain, a slash and such a name"
