internal import JSON

/// The keywords that apply other schemas to the same value.
extension SchemaCheck {
    mutating func meetsCombination(
        _ rule: SchemaRule, _ instance: JSONValue, of node: SchemaNode
    ) throws(Exhaustion) -> Bool {
        switch rule {
        case .reference(let target): return try apply(target, to: instance)
        case .dynamicReference(let target, let name):
            return try apply(dynamicSchema(named: name) ?? target, to: instance)
        case .metaschema(let dialect): return meetsMetaschema(dialect, instance, of: node)
        case .all(let schemas):
            var isMet = true
            for schema in schemas {
                if try apply(schema, to: instance) { continue }
                guard isTelling else { return false }
                isMet = false
            }
            return isMet
        case .any(let schemas):
            let matched = try matches(schemas, instance, atMost: schema.tracksEvaluation ? schemas.count : 1)
            if matched.isEmpty, isTelling { try tellNearest(of: schemas, instance, "anyOf", of: node) }
            return !matched.isEmpty
        case .one(let schemas):
            let matched = try matches(schemas, instance, atMost: 2)
            if matched.isEmpty, isTelling { try tellNearest(of: schemas, instance, "oneOf", of: node) }
            if matched.count > 1 { tell(.exactlyOne(matched: matched), "oneOf", of: node) }
            return matched.count == 1
        case .not(let excluded):
            let outer = evaluated
            let isExcluded = try matches([excluded], instance, atMost: 1).count == 1
            evaluated = outer
            return require(!isExcluded, .not, "not", of: node)
        case .condition(let condition, let then, let otherwise):
            let branch = try matches([condition], instance, atMost: 1).isEmpty ? otherwise : then
            guard let branch else { return true }
            return try apply(branch, to: instance)
        case .dependentSchemas(let dependent):
            var isMet = true
            for (name, schema) in dependent where instance[name] != nil {
                if try apply(schema, to: instance) { continue }
                guard isTelling else { return false }
                isMet = false
            }
            return isMet
        default: return true
        }
    }

    /// The positions of the schemas that the value meets, up to a number of them; nothing is told.
    private mutating func matches(
        _ schemas: [SchemaNode.Index], _ instance: JSONValue, atMost limit: Int
    ) throws(Exhaustion) -> [Int] {
        try quietly { (check) throws(Exhaustion) in
            var matched: [Int] = []
            for (position, schema) in schemas.enumerated() where matched.count < limit {
                if try check.apply(schema, to: instance) { matched.append(position) }
            }
            return matched
        }
    }

    private mutating func meetsMetaschema(_ dialect: SchemaDialect, _ instance: JSONValue, of node: SchemaNode) -> Bool
    {
        do {
            try SchemaCompiler.checkForm(of: instance, dialect: dialect)
            return true
        } catch {
            return require(false, .metaschema(error), nil, of: node, below: JSONPointer.steps(of: error.location))
        }
    }
}

/// What to tell of a value that fits none of several schemas.
extension SchemaCheck {
    /// Tells what stands between the value and the one that it was probably meant for, or what each of them asks.
    ///
    /// Meant is a schema that asks for another type or constant only below the value itself; of those, one whose
    /// constants right below it are met (`kind: …`); of those, the one with the fewest violations.
    private mutating func tellNearest(
        of schemas: [SchemaNode.Index], _ instance: JSONValue, _ keyword: String, of node: SchemaNode
    ) throws(Exhaustion) {
        var candidates: [[Violation]] = []
        for schema in schemas { candidates.append(try told(by: schema, about: instance)) }
        let depth = path.count
        candidates = candidates.narrowed { !$0.contains { $0.rulesOut(atDepth: depth) } }
        candidates = candidates.narrowed { !$0.contains { $0.rulesOut(atDepth: depth + 1) && $0.isConstant } }
        let fewest = candidates.map(\.count).min()
        candidates = candidates.narrowed { $0.count == fewest }
        if let nearest = candidates.first, candidates.count == 1 { return tell(nearest) }
        // When all that is wrong is the type, the types make one list.
        var types: SchemaTypes = []
        for candidate in candidates {
            guard case .type(let more, _)? = candidate.first?.demand, candidate.first?.path.count == depth else {
                return tell(.oneOfSchemas(candidates.compactMap(\.first), depth: depth), keyword, of: node)
            }
            types.formUnion(more)
        }
        tell(.type(types, of: instance), keyword, of: node)
    }
}

extension Violation {
    /// Whether a value at this depth is something else altogether than the schema is for.
    fileprivate func rulesOut(atDepth depth: Int) -> Bool {
        guard path.count == depth else { return false }
        if case .type = demand { return true }
        return isConstant
    }

    fileprivate var isConstant: Bool { if case .oneOf = demand { true } else { false } }
}

extension [[Violation]] {
    /// Those that fulfil the condition, or all when none does.
    fileprivate func narrowed(to condition: ([Violation]) -> Bool) -> Self {
        let kept = filter(condition)
        return kept.isEmpty ? self : kept
    }
}
