internal import JSON

/// Turns a schema and the documents it refers to into nodes.
///
/// Works through a list instead of recursion, so that no chain of references can exhaust the stack.
struct SchemaCompiler {
    private(set) var nodes: [SchemaNode] = []
    private(set) var dynamicAnchors: [[String: SchemaNode.Index]] = []
    private(set) var tracksEvaluation = false

    private var registry: SchemaRegistry
    /// False when only the form of a schema is looked at, not where it refers to.
    private let followsReferences: Bool
    private var indexByPlace: [SchemaPlace: SchemaNode.Index] = [:]
    private var indexByMetaschema: [SchemaDialect: SchemaNode.Index] = [:]
    private var pending: [(index: SchemaNode.Index, value: JSONValue, place: SchemaPlace)] = []

    init(
        _ schema: JSONValue, documents: [String: JSONValue], dialect: SchemaDialect = .draft202012,
        followsReferences: Bool = true
    ) throws(InputSchemaError) {
        registry = try SchemaRegistry(schema, supplied: documents, dialect: dialect)
        self.followsReferences = followsReferences
        _ = try index(of: schema, at: SchemaPlace(document: 0, pointer: ""), in: 0)
    }

    /// Whether a value is a schema of the dialect, references apart.
    static func checkForm(of schema: JSONValue, dialect: SchemaDialect) throws(InputSchemaError) {
        var compiler = try SchemaCompiler(schema, documents: [:], dialect: dialect, followsReferences: false)
        try compiler.compile()
    }

    /// Compiles what the schema at hand holds and refers to; node 0 is the schema itself.
    mutating func compile() throws(InputSchemaError) {
        repeat {
            while let (index, value, place) = pending.popLast() {
                nodes[index].rules = try rules(of: value, at: place, in: nodes[index].resource)
            }
            try compileDynamicAnchors()
        } while !pending.isEmpty
    }

    /// Any resource may turn out to be in a dynamic scope, so what is declared in them is compiled as they come.
    private mutating func compileDynamicAnchors() throws(InputSchemaError) {
        while dynamicAnchors.count < registry.resources.count {
            let resource = dynamicAnchors.count
            var indices: [String: SchemaNode.Index] = [:]
            for (name, place) in registry.resources[resource].dynamicAnchors.sorted(by: { $0.key < $1.key }) {
                indices[name] = try reference("#" + name, at: place, in: resource)
            }
            dynamicAnchors.append(indices)
        }
    }

    /// The node of a schema at a place, made and listed for compilation when it is new.
    mutating func index(
        of value: JSONValue, at place: SchemaPlace, in parent: Int
    ) throws(InputSchemaError) -> SchemaNode.Index {
        if let known = indexByPlace[place] { return known }
        let index = try append(resource: registry.resource(at: place) ?? parent, at: place)
        nodes[index].refusesAll = value == false
        indexByPlace[place] = index
        pending.append((index, value, place))
        return index
    }

    private mutating func append(resource: Int, at place: SchemaPlace) throws(InputSchemaError) -> SchemaNode.Index {
        guard nodes.count < InputSchema.nodesMax else {
            throw registry.error(.tooLarge(limit: InputSchema.nodesMax), at: place)
        }
        nodes.append(SchemaNode(resource: resource, location: registry.location(place)))
        return nodes.count - 1
    }

    /// The node that a reference leads to.
    mutating func reference(
        _ text: String, at place: SchemaPlace, in resource: Int
    ) throws(InputSchemaError) -> SchemaNode.Index {
        guard followsReferences else { return 0 }
        switch try registry.target(of: text, in: resource, at: place) {
        case .schema(let place, let value, let resource): return try index(of: value, at: place, in: resource)
        case .metaschema(let dialect):
            if let known = indexByMetaschema[dialect] { return known }
            let index = try append(resource: resource, at: place)
            nodes[index].rules = [.metaschema(dialect)]
            indexByMetaschema[dialect] = index
            return index
        }
    }

    /// The name under which a reference leads to a schema that dynamic scopes may replace, or nil.
    mutating func dynamicName(
        of text: String, at place: SchemaPlace, in resource: Int
    ) throws(InputSchemaError) -> String? {
        guard followsReferences, let name = SchemaURI.split(text).fragment,
            case .schema(let target, _, let owner) = try registry.target(of: text, in: resource, at: place)
        else { return nil }
        return registry.resources[owner].dynamicAnchors[name] == target ? name : nil
    }

    private mutating func rules(
        of value: JSONValue, at place: SchemaPlace, in resource: Int
    ) throws(InputSchemaError) -> [SchemaRule] {
        switch value {
        case .bool(let accepts): return accepts ? [] : [.nothing]
        case .object(let keywords):
            let source = SchemaSource(
                keywords: keywords, place: place, resource: resource, dialect: registry.resources[resource].dialect)
            return try rules(of: source)
        default: throw registry.error(.notASchema(kind: value.kind), at: place)
        }
    }

    private mutating func rules(of source: SchemaSource) throws(InputSchemaError) -> [SchemaRule] {
        // In draft-07 a reference stands alone: what is beside it is not looked at.
        if source.dialect.edition == .draft7, source["$ref"] != nil { return try references(of: source) }
        try compileDefinitions(of: source)
        var rules: [SchemaRule] = []
        if source.dialect.vocabularies.contains(.validation) { rules += try assertions(of: source) }
        rules += try references(of: source)
        guard source.dialect.vocabularies.contains(.applicator) else { return rules }
        rules += try itemRules(of: source)
        rules += try propertyRules(of: source)
        rules += try combinations(of: source)
        // What the others have looked at must be known by then.
        if source.dialect.vocabularies.contains(.unevaluated) { rules += try unevaluatedRules(of: source) }
        return rules
    }

    /// The error for a keyword whose value is not what it must be.
    func error(_ keyword: String, in source: SchemaSource, expected: String) -> InputSchemaError {
        registry.error(.badKeyword(keyword, expected: expected), at: source.place(of: keyword))
    }

    func error(_ problem: InputSchemaError.Problem, at place: SchemaPlace) -> InputSchemaError {
        registry.error(problem, at: place)
    }

    mutating func noteEvaluationMatters() { tracksEvaluation = true }
}

/// A schema being compiled: its keywords, and what their meaning depends on.
struct SchemaSource {
    let keywords: JSONObject
    let place: SchemaPlace
    let resource: Int
    let dialect: SchemaDialect

    subscript(keyword: String) -> JSONValue? { keywords[keyword] }

    var isDraft7: Bool { dialect.edition == .draft7 }

    func place(of keyword: String) -> SchemaPlace { place.below("/" + JSONPointer.escaped(keyword)) }
}
