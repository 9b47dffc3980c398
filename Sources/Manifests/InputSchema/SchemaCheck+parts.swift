internal import JSON

/// Arrays and objects: the keywords about what a value holds.
extension SchemaCheck {
    mutating func meetsItemRule(
        _ rule: SchemaRule, _ items: [JSONValue], of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        switch rule {
        case .items(let rule): return try meetsItems(rule, items, of: node)
        case .contains(let rule): return try meetsContains(rule, items, of: node)
        case .itemCount(let bounds): return meets(bounds, items.count, .item, of: node)
        case .uniqueItems:
            try spend(SchemaCost.whole(of: .array(items)))
            var firstPositions: [JSONValue: Int] = [:]
            for (position, item) in items.enumerated() {
                if let first = firstPositions.updateValue(position, forKey: item) {
                    return require(false, .uniqueItems(first, position), "uniqueItems", of: node)
                }
            }
            return true
        case .unevaluatedItems(let schema):
            var isMet = true
            for (position, item) in items.enumerated() where !evaluated.contains(position) {
                if try apply(schema, toPart: item, named: String(position)) { continue }
                guard isTelling else { return false }
                isMet = false
            }
            evaluated.insertAll()
            return isMet
        default: return true
        }
    }

    private mutating func meetsItems(
        _ rule: SchemaRule.ItemRule, _ items: [JSONValue], of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        var isMet = true
        for (position, item) in items.enumerated() {
            guard let itemSchema = position < rule.first.count ? rule.first[position] : rule.rest else { break }
            if position >= rule.first.count, refusesAll(itemSchema) {
                return require(false, .atMost(rule.first.count, .item), rule.restKeyword, of: node)
            }
            if schema.tracksEvaluation { evaluated.insert(position) }
            if try apply(itemSchema, toPart: item, named: String(position)) { continue }
            guard isTelling else { return false }
            isMet = false
        }
        return isMet
    }

    private mutating func meetsContains(
        _ rule: SchemaRule.ContainsRule, _ items: [JSONValue], of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        var found = 0
        for (position, item) in items.enumerated() {
            let isMatch = try quietly { (check) throws(Exhaustion) in
                try check.apply(rule.schema, toPart: item, named: "")
            }
            guard isMatch else { continue }
            found += 1
            if rule.evaluates { evaluated.insert(position) }
        }
        if found < rule.min {
            return require(false, .atLeast(rule.min, .match), rule.min == 1 ? "contains" : "minContains", of: node)
        }
        return require(found <= rule.max ?? Int.max, .atMost(rule.max ?? 0, .match), "maxContains", of: node)
    }
}

extension SchemaCheck {
    mutating func meetsPropertyRule(
        _ rule: SchemaRule, _ object: JSONObject, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        switch rule {
        case .properties(let rule): return try meetsProperties(rule, object, of: node)
        case .propertyNames(let schema): return try meetsPropertyNames(schema, object, of: node)
        case .propertyCount(let bounds): return meets(bounds, object.count, .property, of: node)
        case .required(let names):
            var isMet = true
            for name in names where object.position(of: name) == nil {
                isMet = require(false, .required(name), "required", of: node)
                guard isTelling else { return false }
            }
            return isMet
        case .dependentRequired(let dependencies, let keyword):
            var isMet = true
            for (name, needs) in dependencies where object.position(of: name) != nil {
                for missing in needs where object.position(of: missing) == nil {
                    isMet = require(false, .requiredBy(name, missing: missing), keyword, of: node)
                }
            }
            return isMet
        case .unevaluatedProperties(let schema):
            var isMet = true
            for (position, member) in object.members.enumerated() where !evaluated.contains(position) {
                if try meetsRest(schema, member, among: SchemaRule.PropertyRule(), "unevaluatedProperties", of: node) {
                    continue
                }
                guard isTelling else { return false }
                isMet = false
            }
            evaluated.insertAll()
            return isMet
        default: return true
        }
    }

    private mutating func meetsProperties(
        _ rule: SchemaRule.PropertyRule, _ object: JSONObject, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        var isMet = true
        var covered = EvaluatedParts()
        for (name, memberSchema) in rule.named {
            guard let position = object.position(of: name) else { continue }
            covered.insert(position)
            let value = object.members[position].value
            if refusesAll(memberSchema) {
                isMet = require(false, .absent, "properties", of: node, below: [name])
            } else if try !apply(memberSchema, toPart: value, named: name) {
                isMet = false
            }
            guard isMet || isTelling else { return false }
        }
        for (pattern, memberSchema) in rule.patterned {
            for (position, member) in object.members.enumerated() where try finds(pattern, in: member.name) == true {
                covered.insert(position)
                if try apply(memberSchema, toPart: member.value, named: member.name) { continue }
                guard isTelling else { return false }
                isMet = false
            }
        }
        if let rest = rule.rest {
            for (position, member) in object.members.enumerated() where !covered.contains(position) {
                if try meetsRest(rest, member, among: rule, "additionalProperties", of: node) {
                    continue
                }
                guard isTelling else { return false }
                isMet = false
            }
            covered.insertAll()
        }
        if schema.tracksEvaluation { evaluated = evaluated.union(covered) }
        return isMet
    }

    /// A member that no other keyword covers.
    private mutating func meetsRest(
        _ rest: SchemaNode.Index, _ member: JSONObject.Member, among rule: SchemaRule.PropertyRule, _ keyword: String,
        of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        guard refusesAll(rest) else { return try apply(rest, toPart: member.value, named: member.name) }
        guard isTelling else { return false }
        try spend(rule.named.count)
        let suggestion = Suggestion.closest(to: member.name, among: rule.named.lazy.map(\.name))
        return require(false, .known(suggestion: suggestion), keyword, of: node, below: [member.name])
    }

    private mutating func meetsPropertyNames(
        _ schema: SchemaNode.Index, _ object: JSONObject, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        var isMet = true
        for (name, _) in object {
            if try quietly({ (check) throws(Exhaustion) in try check.apply(schema, to: .string(name)) }) { continue }
            guard isTelling else { return false }
            isMet = false
            let reason = try told(by: schema, about: .string(name)).first?.sentence
            tell(.name(reason ?? Demand.nothing.sentence), "propertyNames", of: node, below: [name])
        }
        return isMet
    }

    private func refusesAll(_ index: SchemaNode.Index) -> Bool { schema.nodes[index].refusesAll }
}
