internal import JSON

/// Which edition of JSON Schema a document is written in, and which of its vocabularies are in force.
struct SchemaDialect: Hashable, Sendable {
    enum Edition: Hashable, Sendable {
        case draft7
        case draft202012
    }
    /// The vocabularies that change what is valid; of the others nothing is asked.
    struct Vocabularies: OptionSet, Hashable, Sendable {
        let rawValue: Int

        static let applicator = Vocabularies(rawValue: 1)
        static let unevaluated = Vocabularies(rawValue: 2)
        static let validation = Vocabularies(rawValue: 4)
        static let all: Vocabularies = [.applicator, .unevaluated, .validation]
    }

    var edition: Edition
    var vocabularies = Vocabularies.all

    static let draft7 = SchemaDialect(edition: .draft7)
    /// Also what a schema without `$schema` is taken for.
    static let draft202012 = SchemaDialect(edition: .draft202012)

    /// The dialect of one of the two metaschemas, by its address, or nil.
    ///
    /// `http://json-schema.org/schema` is the address of the newest one.
    static func known(_ uri: String) -> SchemaDialect? {
        switch uri.hasSuffix("#") ? String(uri.dropLast()) : uri {
        case "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft/2020-12/schema",
            "https://json-schema.org/schema", "http://json-schema.org/schema":
            .draft202012
        case "http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema": .draft7
        default: nil
        }
    }

    /// The dialect that a metaschema's `$vocabulary` describes; an unknown vocabulary that it requires comes back instead.
    static func described(by vocabulary: JSONObject) -> (dialect: SchemaDialect, unknown: String?) {
        var dialect = SchemaDialect(edition: .draft202012, vocabularies: [])
        for (uri, isRequired) in vocabulary {
            guard let name = uri.split(separator: "/").last, uri.hasPrefix(Self.vocabularyPrefix) else {
                if isRequired == true { return (dialect, uri) }
                continue
            }
            switch name {
            case "applicator": dialect.vocabularies.insert(.applicator)
            case "unevaluated": dialect.vocabularies.insert(.unevaluated)
            case "validation": dialect.vocabularies.insert(.validation)
            case "core", "meta-data", "content", "format-annotation": break
            default: if isRequired == true { return (dialect, uri) }
            }
        }
        return (dialect, nil)
    }

    private static let vocabularyPrefix = "https://json-schema.org/draft/2020-12/vocab/"
}

extension SchemaDialect {
    /// How the schemas below a keyword are arranged.
    private enum Arrangement {
        case schema
        case list
        case map
        case schemaOrList
        /// Draft-07's `dependencies`: a map of schemas and of lists of names.
        case dependencies
    }

    /// The schemas right below this one, each with its JSON pointer from here.
    ///
    /// What stands anywhere else, as in `const`, `default` or an unknown keyword, is no schema and declares no identifier.
    func subschemas(of schema: JSONObject) -> [(pointer: String, value: JSONValue)] {
        var found: [(pointer: String, value: JSONValue)] = []
        for (keyword, value) in schema where !(edition == .draft7 && schema["$ref"] != nil) {
            guard let arrangement = arrangement(of: keyword) else { continue }
            let below = "/" + JSONPointer.escaped(keyword)
            switch (arrangement, value) {
            case (.schema, _), (.schemaOrList, .object), (.schemaOrList, .bool): found.append((below, value))
            case (.list, .array(let items)), (.schemaOrList, .array(let items)):
                for (position, item) in items.enumerated() { found.append(("\(below)/\(position)", item)) }
            case (.map, .object(let members)):
                for (name, member) in members { found.append(("\(below)/\(JSONPointer.escaped(name))", member)) }
            case (.dependencies, .object(let members)):
                for (name, member) in members where member.array == nil {
                    found.append(("\(below)/\(JSONPointer.escaped(name))", member))
                }
            default: continue
            }
        }
        return found
    }

    private func arrangement(of keyword: String) -> Arrangement? {
        switch keyword {
        case "not", "if", "then", "else", "additionalProperties", "propertyNames", "contains": .schema
        case "allOf", "anyOf", "oneOf": .list
        case "properties", "patternProperties", "definitions": .map
        case "dependencies": .dependencies
        case "items": edition == .draft7 ? .schemaOrList : .schema
        case "additionalItems": edition == .draft7 ? .schema : nil
        case "unevaluatedProperties", "unevaluatedItems", "contentSchema": edition == .draft7 ? nil : .schema
        case "prefixItems": edition == .draft7 ? nil : .list
        case "$defs", "dependentSchemas": edition == .draft7 ? nil : .map
        default: nil
        }
    }
}
