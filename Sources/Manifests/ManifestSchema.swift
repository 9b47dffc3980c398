package import JSON

/// What `akua-gitops schema` prints: the JSON Schema of manifests, for editors.
///
/// Made from the tables that the parser reads by, so what one has the other has: a field that is not in it is refused.
package enum ManifestSchema {
    /// The schema, in draft 2020-12.
    package static var document: JSONValue {
        var definitions = JSONObject()
        definitions["metadata"] = .object(MetadataFields.table.schema)
        for kind in DocumentKind.allCases { definitions[kind.rawValue] = .object(kind.specTable.schema) }

        var properties = JSONObject()
        for row in EnvelopeFields.table.rows { properties[row.name] = .object(row.schema) }
        properties[EnvelopeFields.apiVersion.name] = [
            "description": .string(EnvelopeFields.apiVersion.summary),
            "const": .string("\(EnvelopeFields.group)/\(EnvelopeFields.version)"),
        ]
        properties[EnvelopeFields.kind.name] = [
            "description": .string(EnvelopeFields.kind.summary),
            "enum": .array(DocumentKind.allCases.map { .string($0.rawValue) }),
        ]
        properties[EnvelopeFields.metadata.name] = [
            "description": .string(EnvelopeFields.metadata.summary), "$ref": "#/$defs/metadata",
        ]

        var schema = JSONObject()
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "Manifests of akua-gitops"
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        schema["required"] = .array(EnvelopeFields.table.rows.filter(\.isRequired).map { .string($0.name) })
        schema["additionalProperties"] = false
        schema["allOf"] = .array(DocumentKind.allCases.map(condition))
        schema["$defs"] = .object(definitions)
        return .object(schema)
    }

    /// What holds for documents of one kind.
    private static func condition(for kind: DocumentKind) -> JSONValue {
        var properties = JSONObject()
        properties["spec"] = ["$ref": .string("#/$defs/\(kind.rawValue)")]
        if kind == .settings {
            properties["metadata"] = ["properties": ["name": ["const": .string(SettingsFields.name)]]]
        }
        var then = JSONObject()
        then["properties"] = .object(properties)
        if kind.needsSpec { then["required"] = ["spec"] }
        return [
            "if": ["properties": ["kind": ["const": .string(kind.rawValue)]], "required": ["kind"]],
            "then": .object(then),
        ]
    }
}
