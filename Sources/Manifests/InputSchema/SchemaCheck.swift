internal import JSON

/// Checks one value against a schema.
///
/// A schema is applied in one of two ways: to tell all that is wrong, or, inside `anyOf` and the like, to know just
/// whether it is met, which ends with the first thing that is not.
struct SchemaCheck {
    /// Why a check ends before it is done.
    enum Exhaustion: Error { case steps, recursion }

    let schema: InputSchema
    private(set) var violations: [Violation] = []
    /// Whether violations are told, or only counted as failure.
    private(set) var isTelling = true
    private(set) var path: [String] = []
    /// What of the value at hand was looked at by the schema at hand, if anything asks for it.
    var evaluated = EvaluatedParts()
    /// The resources of the schemas being applied, the outermost first.
    private var scope: [Int] = []
    private var stepsLeft = InputSchema.stepsMax
    private var depth = 0

    init(_ schema: InputSchema) { self.schema = schema }

    /// All that is wrong with the value, within the limits of ``InputSchema``.
    mutating func violations(of instance: JSONValue) -> [Violation] {
        do {
            let isMet = try apply(0, to: instance)
            // Whatever fails is told; were it ever not, the value is refused all the same.
            if !isMet, violations.isEmpty { tell(.nothing, nil, of: schema.nodes[0]) }
        } catch {
            // What was found until then may be part of an alternative that was not decided; only this is certain.
            let demand: Demand = error == .steps ? .outOfSteps : .endlessRecursion
            return [Violation(path: path, keywordLocation: schema.nodes[0].location, demand: demand)]
        }
        return violations
    }

    /// Whether the value at hand meets a schema.
    mutating func apply(_ index: SchemaNode.Index, to instance: JSONValue) throws(Exhaustion) -> Bool {
        let node = schema.nodes[index]
        try spend(node.cost + SchemaCost.surface(of: instance))
        guard depth < InputSchema.recursionMax else { throw .recursion }
        depth += 1
        defer { depth -= 1 }
        let isEntering = scope.last != node.resource
        if isEntering { scope.append(node.resource) }
        defer { if isEntering { scope.removeLast() } }
        guard schema.tracksEvaluation else { return try meets(node, instance) }
        let outer = evaluated
        evaluated = EvaluatedParts()
        let isMet = try meets(node, instance)
        evaluated = isMet ? outer.union(evaluated) : outer
        return isMet
    }

    /// Whether a part of the value at hand meets a schema.
    mutating func apply(
        _ index: SchemaNode.Index, toPart part: JSONValue, named name: @autoclosure () -> String
    ) throws(Exhaustion) -> Bool {
        if isTelling { path.append(name()) }
        let outer = evaluated
        evaluated = EvaluatedParts()
        let isMet = try apply(index, to: part)
        evaluated = outer
        if isTelling { path.removeLast() }
        return isMet
    }

    /// Whether the value at hand meets a schema, with nothing told if it does not.
    mutating func quietly<Result>(
        _ body: (inout SchemaCheck) throws(Exhaustion) -> Result
    ) throws(Exhaustion) -> Result {
        let wasTelling = isTelling
        isTelling = false
        let result = try body(&self)
        isTelling = wasTelling
        return result
    }

    /// What is told of a schema applied to the value at hand, apart from what was told so far.
    mutating func told(by index: SchemaNode.Index, about instance: JSONValue) throws(Exhaustion) -> [Violation] {
        let before = violations
        violations = []
        _ = try apply(index, to: instance)
        let found = violations
        violations = before
        return found
    }

    /// Notes what a keyword asks of the value at hand, or of what is below it.
    mutating func tell(
        _ demand: @autoclosure () -> Demand, _ keyword: String?, of node: SchemaNode, below parts: [String] = []
    ) {
        guard isTelling, violations.count < InputSchema.violationsMax else { return }
        violations.append(
            Violation(
                path: path + parts, keywordLocation: keyword.map { "\(node.location)/\($0)" } ?? node.location,
                demand: demand()
            ))
    }

    /// Takes over violations that were found apart.
    mutating func tell(_ found: [Violation]) {
        guard isTelling else { return }
        violations += found.prefix(InputSchema.violationsMax - violations.count)
    }

    mutating func spend(_ steps: Int) throws(Exhaustion) {
        stepsLeft -= steps
        guard stepsLeft >= 0 else { throw .steps }
    }

    /// Whether the pattern is in the text; nil when the text is too long to say.
    mutating func finds(_ pattern: TextPattern, in text: String) throws(Exhaustion) -> Bool? {
        try spend(SchemaCost.search + SchemaCost.surface(of: .string(text)))
        return switch pattern.search(text, steps: &stepsLeft) {
        case .found: true
        case .notFound: false
        case .textTooLong: nil
        case .outOfSteps: throw .steps
        }
    }

    /// The schema that the outermost resource in scope has under a name.
    func dynamicSchema(named name: String) -> SchemaNode.Index? {
        scope.lazy.compactMap { schema.dynamicAnchors[$0][name] }.first
    }
}

/// Which members or items of a value were looked at, by their positions.
struct EvaluatedParts {
    private var areAll = false
    private var flags: [Bool] = []

    mutating func insert(_ position: Int) {
        guard !areAll else { return }
        if position >= flags.count { flags += repeatElement(false, count: position + 1 - flags.count) }
        flags[position] = true
    }

    mutating func insertAll() {
        areAll = true
        flags = []
    }

    func contains(_ position: Int) -> Bool { areAll || position < flags.count && flags[position] }

    func union(_ other: EvaluatedParts) -> EvaluatedParts {
        guard !flags.isEmpty || areAll else { return other }
        var result = self
        if other.areAll { result.insertAll() }
        for (position, isSet) in other.flags.enumerated() where isSet { result.insert(position) }
        return result
    }
}
