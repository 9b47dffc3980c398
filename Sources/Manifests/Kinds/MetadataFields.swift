internal import JSON

/// What every manifest begins with.
enum EnvelopeFields {
    /// The group that manifests of ours belong to, and the one version of it.
    static let group = "gitops.akua.dev"
    static let version = "v1"

    static let apiVersion = Field("apiVersion", "Always \(group)/\(version).", .text(1...253))
    static let kind = Field("kind", "What the manifest declares.", .text(1...63))
    static let metadata = Field("metadata", "What the manifest is called and marked with.", MetadataFields.rule)
    static let spec = Field("spec", "What is declared.", FieldRule<YAMLNode>.raw)

    static let table = FieldTable(
        "the manifest", [apiVersion.required, kind.required, metadata.required, spec.optional])
}

/// `metadata`, the same for all kinds.
enum MetadataFields {
    /// Annotations that a render may carry, and those of them that the daemon adds.
    static let annotationsMax = 16
    static let annotationsOfOurs = 4

    struct Metadata: Sendable {
        var name: Located<String>
        var labels: [String: String]
        var annotations: [String: String]
    }

    static let name = Field(
        "name", "Identity within the source, together with the kind.", FieldRule.text(1...100, form: .name).located)
    static let labels = Field(
        "labels", "Marks for people and tools; never sent to the platform.",
        FieldRule.texts(key: .labelKey, value: .text(0...63, form: .labelValue), max: 64))
    static let annotations = Field(
        "annotations", "Sent with each render of an install.",
        FieldRule.texts(
            key: .labelKey, value: .text(0...1_024, allowsLines: true), max: annotationsMax - annotationsOfOurs,
            reserved: EnvelopeFields.group + "/"))

    static let table = FieldTable("metadata", [name.required, labels.optional, annotations.optional])

    static let rule = FieldRule<Metadata>.object(table) { reader, problems in
        let name = reader.read(name, &problems)
        let labels = reader.read(labels, &problems) ?? [:]
        let annotations = reader.read(annotations, &problems) ?? [:]
        return name.map { Metadata(name: $0, labels: labels, annotations: annotations) }
    }
}

/// What `spec` has in every kind but Settings.
enum CommonFields {
    static let deletionPolicy = Field(
        "deletionPolicy", "What happens to the live object when its manifest is gone.",
        .word(DeletionPolicy.self), fallback: "delete")
    static let suspend = Field("suspend", "While true, nothing is written to the object.", .flag, fallback: false)

    static let rows = [deletionPolicy.optional, suspend.optional]

    /// Puts what `spec` says for all kinds into the header.
    static func apply(_ spec: ObjectReader, to header: inout ManifestHeader, _ problems: inout Problems) {
        if let policy = spec.read(deletionPolicy, &problems) { header.deletionPolicy = policy }
        if let isSuspended = spec.read(suspend, &problems) { header.isSuspended = isSuspended }
    }
}

extension FieldRule where Value == YAMLNode {
    /// Any value, looked at later.
    fileprivate static var raw: Self { Self(schema: .init(), form: ValueForm(type: "mapping")) { node, _, _ in node } }
}
