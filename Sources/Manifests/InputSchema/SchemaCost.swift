internal import JSON

/// What checking costs, in the steps that ``InputSchema/stepsMax`` limits.
///
/// A step is about what applying `{}` takes; work that grows with a schema's lists or with a value's size is counted as
/// the growth, so that neither can be made to hide it.
enum SchemaCost {
    /// A search that ends before the engine first reports can take as long as this.
    static let search = 50
    /// The engine reports every 10,000 of its own steps.
    static let searchReport = 1_000
    private static let bytesPerStep = 64

    /// Of looking at a value without going into its parts.
    static func surface(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .number: 0
        case .string(let text): text.utf8.count / bytesPerStep
        case .array(let items): items.count
        case .object(let members): members.count
        }
    }

    /// Of comparing or hashing a value whole.
    static func whole(of value: JSONValue) -> Int {
        let parts =
            switch value {
            case .null, .bool, .number, .string: 0
            case .array(let items): items.reduce(0) { $0 + whole(of: $1) }
            case .object(let members): members.members.reduce(0) { $0 + 1 + whole(of: $1.value) }
            }
        return 1 + surface(of: value) + parts
    }

    /// Of what a rule goes through however the value looks.
    static func of(_ rule: SchemaRule) -> Int {
        switch rule {
        case .const(let value): whole(of: value)
        case .oneOf(let choices): choices.cost
        case .properties(let rule): rule.named.count + rule.patterned.count
        case .required(let names): names.count
        case .dependentRequired(let dependencies, _): dependencies.reduce(0) { $0 + 1 + $1.needs.count }
        case .dependentSchemas(let dependencies): dependencies.count
        default: 1
        }
    }
}
