internal import JSON

/// `spec` of a PackageVersion.
enum PackageVersionFields {
    static let package = Field("package", "metadata.name of an OCI Package.", .name(max: 120))
    static let packageID = Field("packageID", "The package by its id.", .id("pkg_", max: 54))
    static let semver = Field("semver", "The version: strict SemVer 2.", .text(1...128, form: .semver))
    static let ref = Field("ref", "What the artifact is pinned to, normally its digest.", .text(1...512))
    static let inputSchema = Field("inputSchema", "The JSON Schema of the values that the version takes.", .json)
    static let inputSchemaFile = Field(
        "inputSchemaFile", "A file with that schema, relative to this file.", FieldRule.text(1...1_024).located)
    static let compatibility = Field(
        "compatibility", "What the version can run on; an empty mapping says nothing.", CompatibilityFields.rule)

    static let table = FieldTable(
        "spec of PackageVersion",
        [
            package.optional, packageID.optional, semver.required, ref.required, inputSchema.optional,
            inputSchemaFile.optional, compatibility.optional,
        ] + CommonFields.rows,
        choices: [.exactlyOne("package", "packageID"), .exactlyOne("inputSchema", "inputSchemaFile")])

    /// The manifest, nil after reporting what is wrong with its spec, and the file that its schema is in.
    static func manifest(
        _ header: ManifestHeader, _ spec: ObjectReader, _ problems: inout Problems
    ) -> (manifest: PackageVersionManifest?, schemaFile: Located<String>?) {
        let reference = spec.read(package, &problems) ?? spec.read(packageID, &problems)
        let semver = spec.read(semver, &problems)
        let ref = spec.read(ref, &problems)
        let schema = spec.read(inputSchema, &problems)
        let schemaFile = spec.read(inputSchemaFile, &problems)
        let compatibility = spec.read(compatibility, &problems)
        guard let reference, let semver, let ref, schema != nil || schemaFile != nil else {
            return (nil, schemaFile)
        }
        let manifest = PackageVersionManifest(
            header: header, package: reference, semver: semver, ref: ref, inputSchema: schema ?? JSONObject(),
            compatibility: compatibility.flatMap { $0.isEmpty ? nil : $0 })
        return (manifest, schemaFile)
    }
}

/// `spec.compatibility` of a PackageVersion, the platform's own closed shape (its names are camelCase there too).
enum CompatibilityFields {
    enum NetworkProfile: String, CaseIterable, Sendable {
        case linuxCilium = "linux_cilium"
        case mixedOSCalico = "mixed_os_calico"
    }

    static let clusterTypes = Field("clusterTypes", "Kinds of cluster that it runs on.", .texts)
    static let kubernetes = Field("kubernetes", "Versions of Kubernetes that it runs on.", kubernetesRule)
    static let placement = Field("placement", "Where it may run.", placementRule)
    static let kaas = Field("kaas", "What a managed cluster must have.", kaasRule)
    static let minVersion = Field("minVersion", "The lowest version.", .text(1...64))
    static let maxVersion = Field("maxVersion", "The highest version.", .text(1...64))
    static let providers = Field("providers", "Providers, or any.", .anyOrTexts)
    static let regions = Field("regions", "Regions, or any.", .anyOrTexts)
    static let networkProfile = Field("networkProfile", "The network of the cluster.", .word(NetworkProfile.self))

    static let table = FieldTable(
        "compatibility", [clusterTypes.required, kubernetes.required, placement.required, kaas.optional])

    /// Nothing at all is taken for no compatibility; anything else must be complete.
    static let rule = FieldRule<JSONObject>(schema: schema, form: form) { node, name, problems in
        if let entries = node.entries, entries.isEmpty { return JSONObject() }
        return complete.read(node, name, &problems)
    }

    private static let form = ValueForm(type: "mapping", limit: "empty, or complete", fields: table)

    private static var schema: JSONObject {
        var schema = JSONObject()
        schema["anyOf"] = [["type": "object", "maxProperties": 0], .object(table.schema)]
        return schema
    }

    private static let complete = FieldRule<JSONObject>.object(table) { reader, problems in
        var object = JSONObject()
        object["clusterTypes"] = reader.read(clusterTypes, &problems).map(JSONValue.texts)
        object["kubernetes"] = reader.read(kubernetes, &problems).map(JSONValue.object)
        object["placement"] = reader.read(placement, &problems).map(JSONValue.object)
        object["kaas"] = reader.read(kaas, &problems).map(JSONValue.object)
        return object
    }

    private static let kubernetesRule = FieldRule<JSONObject>.object(
        FieldTable("kubernetes", [minVersion.optional, maxVersion.optional])
    ) { reader, problems in
        var object = JSONObject()
        object["minVersion"] = reader.read(minVersion, &problems).map(JSONValue.string)
        object["maxVersion"] = reader.read(maxVersion, &problems).map(JSONValue.string)
        return object
    }

    private static let placementRule = FieldRule<JSONObject>.object(
        FieldTable("placement", [providers.required, regions.required])
    ) { reader, problems in
        var object = JSONObject()
        object["providers"] = reader.read(providers, &problems)
        object["regions"] = reader.read(regions, &problems)
        return object
    }

    private static let kaasRule = FieldRule<JSONObject>.object(
        FieldTable("kaas", [networkProfile.required])
    ) { reader, problems in
        var object = JSONObject()
        object["networkProfile"] = reader.read(networkProfile, &problems).map { .string($0.rawValue) }
        return object
    }
}

extension JSONValue {
    fileprivate static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

extension FieldRule where Value == [String] {
    fileprivate static var texts: Self { .list(of: .text(1...256), max: 256) }
}

extension FieldRule where Value == JSONValue {
    /// The word `any`, or a list of words.
    fileprivate static var anyOrTexts: Self {
        let list = FieldRule<[String]>.texts
        var schema = JSONObject()
        schema["anyOf"] = [["const": "any"], .object(list.schema)]
        let form = ValueForm(type: "`any`, or \(list.form.type)", limit: list.form.limit)
        return Self(schema: schema, form: form) { node, name, problems in
            if node.text == "any" { return "any" }
            guard node.items != nil else {
                problems.report(node.mark, "\(name) must be the word any or a list, not \(node.kind)")
                return nil
            }
            return list.read(node, name, &problems).map(JSONValue.texts)
        }
    }
}
