internal import JSON

/// One schema, compiled: what it asks, with the schemas in it as indices of the nodes of the whole.
///
/// Indices instead of references let schemas refer to each other in circles and the whole stay a plain value.
struct SchemaNode: Sendable {
    typealias Index = Int

    /// The resource that the schema belongs to: the dynamic scope that it opens.
    var resource: Int
    /// A JSON pointer into the schema document, behind the document's address if it is another one.
    var location: String
    /// What is asked, in an order in which `unevaluated` keywords come last.
    var rules: [SchemaRule] = [] { didSet { cost = 1 + rules.reduce(0) { $0 + SchemaCost.of($1) } } }
    /// What applying it costs, what it holds and the value apart.
    private(set) var cost = 1

    /// Whether this is the schema `false`.
    var refusesAll = false
}

/// One keyword with its value, or several that are only understood together.
enum SchemaRule: Sendable {
    // In place: about the same value.
    case reference(SchemaNode.Index)
    /// The outermost schema in scope that declares the name, if the reference leads to such a declaration at all.
    case dynamicReference(SchemaNode.Index, name: String)
    case metaschema(SchemaDialect)
    case all([SchemaNode.Index])
    case any([SchemaNode.Index])
    case one([SchemaNode.Index])
    case not(SchemaNode.Index)
    case condition(if: SchemaNode.Index, then: SchemaNode.Index?, else: SchemaNode.Index?)
    case dependentSchemas([(name: String, schema: SchemaNode.Index)])

    // About any value.
    /// The schema `false`.
    case nothing
    case type(SchemaTypes)
    case const(JSONValue)
    case oneOf(Choices)

    // About numbers.
    case bound(NumberBound, JSONNumber)
    case multipleOf(JSONNumber)

    // About text; lengths are in code points.
    case length(Bounds)
    case pattern(TextPattern)

    // About arrays.
    case items(ItemRule)
    case contains(ContainsRule)
    case itemCount(Bounds)
    case uniqueItems
    case unevaluatedItems(SchemaNode.Index)

    // About objects.
    case properties(PropertyRule)
    case propertyNames(SchemaNode.Index)
    case propertyCount(Bounds)
    case required([String])
    /// Under the keyword that it was written with.
    case dependentRequired([(name: String, needs: [String])], keyword: String)
    case unevaluatedProperties(SchemaNode.Index)
}

extension SchemaRule {
    /// Whether it applies schemas to the value at hand itself.
    var isInPlace: Bool {
        switch self {
        case .reference, .dynamicReference, .metaschema, .all, .any, .one, .not, .condition, .dependentSchemas: true
        default: false
        }
    }

    /// Whether it asks which parts of the value the other rules have looked at.
    var needsEvaluation: Bool {
        switch self {
        case .unevaluatedItems, .unevaluatedProperties: true
        default: false
        }
    }

    /// Which side of a number the values are on.
    enum NumberBound: String, Sendable {
        case minimum, maximum, exclusiveMinimum, exclusiveMaximum

        func admits(_ value: JSONNumber, _ limit: JSONNumber) -> Bool {
            switch self {
            case .minimum: value >= limit
            case .maximum: value <= limit
            case .exclusiveMinimum: value > limit
            case .exclusiveMaximum: value < limit
            }
        }
    }

    /// A least and a greatest count, under the keywords that gave them.
    struct Bounds: Sendable {
        var min: Int?
        var max: Int?
        var minKeyword: String
        var maxKeyword: String
    }

    /// The values of `enum`.
    struct Choices: Sendable {
        let listed: [JSONValue]
        let cost: Int
        private let all: Set<JSONValue>

        init(_ values: [JSONValue]) {
            listed = values
            all = Set(values)
            // Most are plain values, which are found at once.
            cost = values.reduce(0) { $0 + ($1.array == nil && $1.object == nil ? 0 : SchemaCost.whole(of: $1)) }
        }

        func contains(_ value: JSONValue) -> Bool {
            // A value of many parts is not hashed: it differs from each choice by the first part that does.
            value.array == nil && value.object == nil ? all.contains(value) : listed.contains(value)
        }
    }

    /// The schemas of an array's items: one for each of the first, one for the rest.
    struct ItemRule: Sendable {
        var first: [SchemaNode.Index] = []
        var rest: SchemaNode.Index?
        /// The keyword of `rest`: `items`, or draft-07's `additionalItems`.
        var restKeyword = "items"
    }

    struct ContainsRule: Sendable {
        var schema: SchemaNode.Index
        var min: Int
        var max: Int?
        /// Draft 2020-12 counts the items found as evaluated.
        var evaluates: Bool
    }

    /// The schemas of an object's members: by name, by pattern, and of those that neither covers.
    struct PropertyRule: Sendable {
        var named: [(name: String, schema: SchemaNode.Index)] = []
        var patterned: [(pattern: TextPattern, schema: SchemaNode.Index)] = []
        var rest: SchemaNode.Index?
    }
}

/// The types of JSON Schema: integers are numbers without a fraction, however they are written.
struct SchemaTypes: OptionSet, Hashable, Sendable {
    let rawValue: Int

    static let null = SchemaTypes(rawValue: 1 << 0)
    static let boolean = SchemaTypes(rawValue: 1 << 1)
    static let integer = SchemaTypes(rawValue: 1 << 2)
    static let number = SchemaTypes(rawValue: 1 << 3)
    static let string = SchemaTypes(rawValue: 1 << 4)
    static let array = SchemaTypes(rawValue: 1 << 5)
    static let object = SchemaTypes(rawValue: 1 << 6)

    /// In the words of a message, in a fixed order.
    private static let words: [(type: SchemaTypes, name: String, phrase: String)] = [
        (.object, "object", "an object"), (.array, "array", "an array"), (.string, "string", "a string"),
        (.number, "number", "a number"), (.integer, "integer", "a whole number"),
        (.boolean, "boolean", "true or false"),
        (.null, "null", "null"),
    ]

    init(rawValue: Int) { self.rawValue = rawValue }

    /// Nil for a word that names no type.
    init?(name: String) {
        guard let word = Self.words.first(where: { $0.name == name }) else { return nil }
        self = word.type
    }

    func admits(_ value: JSONValue) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .number(let number): contains(.number) || contains(.integer) && number.isWhole
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }

    /// As in `a string or null`.
    var phrase: String {
        Self.words.filter { contains($0.type) && !($0.type == .integer && contains(.number)) }
            .map(\.phrase).joinedAsAlternatives
    }
}

extension [String] {
    /// As in `a, b or c`.
    var joinedAsAlternatives: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + (last ?? "")
    }
}
