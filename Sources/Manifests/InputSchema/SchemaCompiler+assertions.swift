internal import JSON

/// The keywords that ask something of a value without another schema's help.
extension SchemaCompiler {
    /// All of them, the most basic first: what is of the wrong type is told nothing else.
    func assertions(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if let types = try types(of: source) { rules.append(.type(types)) }
        if let value = source["const"] { rules.append(.const(value)) }
        if let value = source["enum"] {
            guard let choices = value.array else { throw error("enum", in: source, expected: "a list of values") }
            rules.append(.oneOf(SchemaRule.Choices(choices)))
        }
        rules += try numberRules(of: source)
        if let bounds = try bounds("minLength", "maxLength", of: source) { rules.append(.length(bounds)) }
        if let pattern = try pattern(of: source) { rules.append(.pattern(pattern)) }
        if let bounds = try bounds("minItems", "maxItems", of: source) { rules.append(.itemCount(bounds)) }
        if let value = source["uniqueItems"] {
            guard let isUnique = value.bool else { throw error("uniqueItems", in: source, expected: "true or false") }
            if isUnique { rules.append(.uniqueItems) }
        }
        if let bounds = try bounds("minProperties", "maxProperties", of: source) {
            rules.append(.propertyCount(bounds))
        }
        if let value = source["required"] {
            let names = try names(value, "required", in: source)
            if !names.isEmpty { rules.append(.required(names)) }
        }
        rules += try dependentRequired(of: source)
        return rules
    }

    private func types(of source: SchemaSource) throws(InputSchemaError) -> SchemaTypes? {
        guard let value = source["type"] else { return nil }
        var types: SchemaTypes = []
        for name in value.array ?? [value] {
            guard let type = name.string.flatMap(SchemaTypes.init(name:)) else {
                throw error(
                    "type", in: source,
                    expected: "one of null, boolean, object, array, number, integer and string, or a list of them")
            }
            types.insert(type)
        }
        return types
    }

    private func numberRules(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        for bound in [SchemaRule.NumberBound.minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum] {
            guard let value = source[bound.rawValue] else { continue }
            guard let number = value.number else { throw error(bound.rawValue, in: source, expected: "a number") }
            rules.append(.bound(bound, number))
        }
        if let value = source["multipleOf"] {
            guard let number = value.number, number.isDivisor else {
                throw error(
                    "multipleOf", in: source,
                    expected: "a number above 0, of at most \(JSONNumber.divisorDigitsMax) digits")
            }
            rules.append(.multipleOf(number))
        }
        return rules
    }

    private func pattern(of source: SchemaSource) throws(InputSchemaError) -> TextPattern? {
        guard let value = source["pattern"] else { return nil }
        guard let text = value.string else { throw error("pattern", in: source, expected: "a regular expression") }
        return try pattern(text, at: source.place(of: "pattern"))
    }

    private func bounds(
        _ minKeyword: String, _ maxKeyword: String, of source: SchemaSource
    ) throws(InputSchemaError) -> SchemaRule.Bounds? {
        let (min, max) = (try count(minKeyword, of: source), try count(maxKeyword, of: source))
        guard min != nil || max != nil else { return nil }
        return SchemaRule.Bounds(min: min, max: max, minKeyword: minKeyword, maxKeyword: maxKeyword)
    }

    /// A count that a keyword gives; one beyond 64 bits is as good as the largest that fits.
    func count(_ keyword: String, of source: SchemaSource) throws(InputSchemaError) -> Int? {
        guard let value = source[keyword] else { return nil }
        guard let number = value.number, number.isWhole, number >= JSONNumber(0) else {
            throw error(keyword, in: source, expected: "a whole number, 0 or more")
        }
        return number.int ?? Int.max
    }

    private func dependentRequired(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if !source.isDraft7, let value = source["dependentRequired"] {
            guard let members = value.object else {
                throw error("dependentRequired", in: source, expected: "an object of lists of names")
            }
            var needs: [(name: String, needs: [String])] = []
            for (name, list) in members { needs.append((name, try names(list, "dependentRequired", in: source))) }
            rules.append(.dependentRequired(needs, keyword: "dependentRequired"))
        }
        // Draft-07's keyword, which later drafts allow to go on understanding; its schemas are compiled elsewhere.
        if let members = source["dependencies"]?.object {
            var needs: [(name: String, needs: [String])] = []
            for (name, list) in members where list.array != nil {
                needs.append((name, try names(list, "dependencies", in: source)))
            }
            rules.append(.dependentRequired(needs, keyword: "dependencies"))
        }
        return rules
    }

    private func names(
        _ value: JSONValue, _ keyword: String, in source: SchemaSource
    ) throws(InputSchemaError) -> [String] {
        guard let items = value.array else { throw error(keyword, in: source, expected: "a list of names") }
        let names = items.compactMap(\.string)
        guard names.count == items.count else { throw error(keyword, in: source, expected: "a list of names") }
        return names
    }
}
