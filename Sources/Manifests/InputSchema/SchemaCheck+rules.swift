internal import JSON

extension SchemaCheck {
    /// Whether a value meets what a node asks; goes on after a failure as long as there is more to tell.
    mutating func meets(_ node: SchemaNode, _ instance: JSONValue) throws(Exhaustion) -> Bool {
        var isMet = true
        var isEvaluationKnown = true
        for rule in node.rules {
            // What a schema that is not met has looked at does not count, so of the rest nothing could be said.
            if rule.needsEvaluation, !isEvaluationKnown { continue }
            if try meets(rule, instance, of: node) { continue }
            // What is of the wrong type need not be told what else it lacks.
            if case .type = rule { return false }
            guard isTelling else { return false }
            isMet = false
            if rule.isInPlace { isEvaluationKnown = false }
        }
        return isMet
    }

    private mutating func meets(
        _ rule: SchemaRule, _ instance: JSONValue, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        switch (rule, instance) {
        case (_, _) where rule.isInPlace: try meetsCombination(rule, instance, of: node)
        case (.nothing, _), (.type, _), (.const, _), (.oneOf, _): meetsAssertion(rule, instance, of: node)
        case (_, .number(let number)): meetsNumberRule(rule, number, of: node)
        case (_, .string(let text)): try meetsTextRule(rule, text, of: node)
        case (_, .array(let items)): try meetsItemRule(rule, items, of: node)
        case (_, .object(let object)): try meetsPropertyRule(rule, object, of: node)
        default: true
        }
    }

    /// Tells and fails, unless the condition holds.
    mutating func require(
        _ condition: Bool, _ demand: @autoclosure () -> Demand, _ keyword: String?, of node: SchemaNode,
        below parts: [String] = []
    ) -> Bool {
        if !condition { tell(demand(), keyword, of: node, below: parts) }
        return condition
    }

    private mutating func meetsAssertion(_ rule: SchemaRule, _ instance: JSONValue, of node: SchemaNode) -> Bool {
        switch rule {
        case .type(let types): require(types.admits(instance), .type(types, of: instance), "type", of: node)
        case .const(let value): require(instance == value, .oneOf([value]), "const", of: node)
        case .oneOf(let choices):
            require(choices.contains(instance), .oneOf(choices.listed), "enum", of: node)
        default: require(false, .nothing, nil, of: node)
        }
    }

    private mutating func meetsNumberRule(_ rule: SchemaRule, _ number: JSONNumber, of node: SchemaNode) -> Bool {
        switch rule {
        case .bound(let bound, let limit):
            require(bound.admits(number, limit), .bound(bound, limit), bound.rawValue, of: node)
        case .multipleOf(let divisor):
            require(number.isMultiple(of: divisor), .multipleOf(divisor), "multipleOf", of: node)
        default: true
        }
    }

    private mutating func meetsTextRule(
        _ rule: SchemaRule, _ text: String, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        switch rule {
        case .length(let bounds): meets(bounds, text.unicodeScalars.count, .character, of: node)
        case .pattern(let pattern):
            switch try finds(pattern, in: text) {
            case let isFound?: require(isFound, .pattern(pattern.text), "pattern", of: node)
            case nil: require(false, .searchableText(limit: TextPattern.textMax), "pattern", of: node)
            }
        default: true
        }
    }

    /// Whether a count is within its bounds.
    mutating func meets(
        _ bounds: SchemaRule.Bounds, _ count: Int, _ counted: Demand.Counted, of node: SchemaNode
    ) -> Bool {
        if let min = bounds.min, count < min {
            return require(false, .atLeast(min, counted), bounds.minKeyword, of: node)
        }
        if let max = bounds.max, count > max {
            return require(false, .atMost(max, counted), bounds.maxKeyword, of: node)
        }
        return true
    }
}
