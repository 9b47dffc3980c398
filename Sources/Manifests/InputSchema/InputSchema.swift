package import JSON

/// The JSON Schema that a package version gives for the values of its installs, ready to check values with.
///
/// Draft 2020-12 and draft-07 by `$schema`, the former without one. `format` and the `content` keywords are annotations
/// and never make a value invalid, as draft 2020-12 has it by default. Nothing is fetched: what is referred to must be
/// in the schema, or among the documents given with it. Numbers are compared exactly, by their decimal digits.
///
/// Compiled once, it checks any number of values, from any thread. Holds I12: schemas of more than ``nodesMax`` parts or
/// deeper than ``depthMax`` are refused, and checking stops with a violation that says so after ``stepsMax`` steps,
/// however the schema is made. Patterns are ECMA-262's, within what ``TextPattern`` says.
package struct InputSchema: Sendable {
    /// The schemas in this one, wherever they stand.
    let nodes: [SchemaNode]
    /// Of each resource, the nodes that `$dynamicRef` may find in it, by name.
    let dynamicAnchors: [[String: SchemaNode.Index]]
    /// Whether it must be remembered which parts of a value were looked at.
    let tracksEvaluation: Bool

    /// The most schemas that one may hold.
    package static let nodesMax = 100_000
    /// How deep schemas may be nested in each other.
    package static let depthMax = 128
    /// What one value may cost to check, in the steps of ``SchemaCost``; ordinary ones take a few thousand.
    package static let stepsMax = 2_000_000
    /// How many schemas deep a value is looked into: what is deeper refers to itself without end.
    package static let recursionMax = 512
    /// The most violations that are told of one value.
    package static let violationsMax = 50

    /// Compiles a schema; `documents` are others that it may refer to, by their addresses.
    package init(compiling schema: JSONValue, documents: [String: JSONValue] = [:]) throws(InputSchemaError) {
        try self.init(compiling: schema, documents: documents, dialect: .draft202012)
    }

    /// The same with the dialect that a schema without `$schema` is taken for.
    init(compiling schema: JSONValue, documents: [String: JSONValue], dialect: SchemaDialect) throws(InputSchemaError) {
        var compiler = try SchemaCompiler(schema, documents: documents, dialect: dialect)
        try compiler.compile()
        nodes = compiler.nodes
        dynamicAnchors = compiler.dynamicAnchors
        tracksEvaluation = compiler.tracksEvaluation
    }

    /// Everything that is wrong with a value, at most ``violationsMax``; none when it is valid.
    package func validate(_ instance: JSONValue) -> [Violation] {
        var check = SchemaCheck(self)
        return check.violations(of: instance)
    }
}
