internal import JSON

/// The keywords whose values are schemas, or lead to them.
extension SchemaCompiler {
    func pattern(_ text: String, at place: SchemaPlace) throws(InputSchemaError) -> TextPattern {
        do {
            return try TextPattern(text)
        } catch { throw self.error(.badPattern(text, reason: error.reason), at: place) }
    }

    mutating func references(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if let value = source["$ref"] {
            guard let text = value.string else { throw error("$ref", in: source, expected: "a reference") }
            rules.append(.reference(try reference(text, at: source.place(of: "$ref"), in: source.resource)))
        }
        guard !source.isDraft7, let value = source["$dynamicRef"] else { return rules }
        guard let text = value.string else { throw error("$dynamicRef", in: source, expected: "a reference") }
        let place = source.place(of: "$dynamicRef")
        let target = try reference(text, at: place, in: source.resource)
        if let name = try dynamicName(of: text, at: place, in: source.resource) {
            rules.append(.dynamicReference(target, name: name))
        } else {
            rules.append(.reference(target))
        }
        return rules
    }

    /// Compiles what nothing may refer to, so that all of a bad schema is found out.
    mutating func compileDefinitions(of source: SchemaSource) throws(InputSchemaError) {
        for keyword in source.isDraft7 ? ["definitions"] : ["$defs", "definitions"] {
            _ = try map(keyword, of: source)
        }
    }

    mutating func combinations(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if let list = try list("allOf", of: source) { rules.append(.all(list)) }
        if let list = try list("anyOf", of: source) { rules.append(.any(list)) }
        if let list = try list("oneOf", of: source) { rules.append(.one(list)) }
        if let schema = try schema("not", of: source) { rules.append(.not(schema)) }
        let (then, otherwise) = (try schema("then", of: source), try schema("else", of: source))
        if let condition = try schema("if", of: source) {
            rules.append(.condition(if: condition, then: then, else: otherwise))
        }
        var dependent = source.isDraft7 ? [] : try map("dependentSchemas", of: source) ?? []
        if let value = source["dependencies"] {
            guard let members = value.object else {
                throw error("dependencies", in: source, expected: "an object of schemas and lists of names")
            }
            let place = source.place(of: "dependencies")
            for (name, schema) in members where schema.array == nil {
                let place = place.below("/" + JSONPointer.escaped(name))
                dependent.append((name, try index(of: schema, at: place, in: source.resource)))
            }
        }
        if !dependent.isEmpty { rules.append(.dependentSchemas(dependent)) }
        return rules
    }

    mutating func itemRules(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        var rule = SchemaRule.ItemRule()
        // It means something beside a list only, and must be a schema always.
        let additional = source.isDraft7 ? try schema("additionalItems", of: source) : nil
        switch source["items"] {
        case .array? where !source.isDraft7: throw error(.listOfItems, at: source.place(of: "items"))
        case .array(let items)?:
            for (position, item) in items.enumerated() {
                let place = source.place(of: "items").below("/\(position)")
                rule.first.append(try index(of: item, at: place, in: source.resource))
            }
            rule.rest = additional
            rule.restKeyword = "additionalItems"
        default: rule.rest = try schema("items", of: source)
        }
        if !source.isDraft7 { rule.first = try list("prefixItems", of: source) ?? [] }
        if !rule.first.isEmpty || rule.rest != nil { rules.append(.items(rule)) }
        if let schema = try schema("contains", of: source) {
            let counts = !source.isDraft7 && source.dialect.vocabularies.contains(.validation)
            rules.append(
                .contains(
                    SchemaRule.ContainsRule(
                        schema: schema, min: counts ? try count("minContains", of: source) ?? 1 : 1,
                        max: counts ? try count("maxContains", of: source) : nil, evaluates: !source.isDraft7)))
        }
        return rules
    }

    mutating func propertyRules(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        var rule = SchemaRule.PropertyRule()
        rule.named = try map("properties", of: source) ?? []
        for (pattern, schema) in try map("patternProperties", of: source) ?? [] {
            rule.patterned.append((try self.pattern(pattern, at: source.place(of: "patternProperties")), schema))
        }
        rule.rest = try schema("additionalProperties", of: source)
        if !rule.named.isEmpty || !rule.patterned.isEmpty || rule.rest != nil { rules.append(.properties(rule)) }
        if let schema = try schema("propertyNames", of: source) { rules.append(.propertyNames(schema)) }
        return rules
    }

    mutating func unevaluatedRules(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        guard !source.isDraft7 else { return [] }
        var rules: [SchemaRule] = []
        if let schema = try schema("unevaluatedItems", of: source) { rules.append(.unevaluatedItems(schema)) }
        if let schema = try schema("unevaluatedProperties", of: source) { rules.append(.unevaluatedProperties(schema)) }
        if !rules.isEmpty { noteEvaluationMatters() }
        return rules
    }

    private mutating func schema(
        _ keyword: String, of source: SchemaSource
    ) throws(InputSchemaError) -> SchemaNode.Index? {
        guard let value = source[keyword] else { return nil }
        return try index(of: value, at: source.place(of: keyword), in: source.resource)
    }

    private mutating func list(
        _ keyword: String, of source: SchemaSource
    ) throws(InputSchemaError) -> [SchemaNode.Index]? {
        guard let value = source[keyword] else { return nil }
        guard let items = value.array, !items.isEmpty else {
            throw error(keyword, in: source, expected: "a list of schemas, at least one")
        }
        var indices: [SchemaNode.Index] = []
        for (position, item) in items.enumerated() {
            let place = source.place(of: keyword).below("/\(position)")
            indices.append(try index(of: item, at: place, in: source.resource))
        }
        return indices
    }

    private mutating func map(
        _ keyword: String, of source: SchemaSource
    ) throws(InputSchemaError) -> [(name: String, schema: SchemaNode.Index)]? {
        guard let value = source[keyword] else { return nil }
        guard let members = value.object else { throw error(keyword, in: source, expected: "an object of schemas") }
        var found: [(name: String, schema: SchemaNode.Index)] = []
        found.reserveCapacity(members.count)
        for (name, schema) in members {
            let place = source.place(of: keyword).below("/" + JSONPointer.escaped(name))
            found.append((name, try index(of: schema, at: place, in: source.resource)))
        }
        return found
    }
}
