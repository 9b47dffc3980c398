internal import JSON

/// One thing that is wrong with a value, by its schema.
///
/// It names properties and says what the schema asks, but never what the value is: Holds I11.
package struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// The names of members and the indices of items that lead to the place, from the root of the value.
    package var path: [String]
    /// A JSON pointer to the keyword that is not met, behind the address of its document where that is another one.
    package var keywordLocation: String
    /// What is asked, as data.
    var demand: Demand

    /// What is wrong, without the place: one clause that begins with `must`, wherever one can.
    package var sentence: String { demand.sentence }

    package var description: String {
        let place = path.map { Quoted.clean($0) }.joined(separator: ".")
        return place.isEmpty ? sentence : "\(place): \(sentence)"
    }
}

/// What a schema asks of a value that does not meet it.
enum Demand: Equatable, Sendable {
    case type(SchemaTypes, actual: String)
    case oneOf([JSONValue])
    case bound(SchemaRule.NumberBound, JSONNumber)
    case multipleOf(JSONNumber)
    case atLeast(Int, Counted)
    case atMost(Int, Counted)
    case pattern(String)
    /// The text is too long for patterns.
    case searchableText(limit: Int)
    case uniqueItems(Int, Int)
    case required(String)
    case requiredBy(String, missing: String)
    case known(suggestion: String?)
    /// A member that the schema names only to forbid it.
    case absent
    /// The value is to be a schema itself, and is none for this reason.
    case metaschema(InputSchemaError)
    case name(String)
    case not
    case nothing
    /// None of several schemas is met; this is the first thing in the way of each, and how deep the value is.
    indirect case oneOfSchemas([Violation], depth: Int)
    case exactlyOne(matched: [Int])
    case outOfSteps
    case endlessRecursion

    enum Counted: String, Sendable {
        case character, item, property
        case match = "matching item"
    }
}

extension Demand {
    /// For one of some types instead of what the value is.
    static func type(_ types: SchemaTypes, of instance: JSONValue) -> Demand {
        // Beside a demand for a whole number, `a number` alone would read like a contradiction.
        let isFraction = instance.number != nil && types.contains(.integer)
        return .type(types, actual: isFraction ? "a number with a fraction" : instance.kind)
    }

    private static let listedMax = 8
    private static let alternativesMax = 4

    var sentence: String {
        switch self {
        case .type(let types, let actual): "must be \(types.phrase), not \(actual)"
        case .oneOf(let values): "must be \(Self.listed(values))"
        case .bound(let bound, let limit): "must be \(bound.phrase) \(Quoted.clean(limit.text))"
        case .multipleOf(let divisor): "must be a multiple of \(Quoted.clean(divisor.text))"
        case .atLeast(let count, let counted): "must have at least \(counted.phrase(count))"
        case .atMost(0, let counted): "must have no \(counted.rawValue)"
        case .atMost(let count, let counted): "must have at most \(counted.phrase(count))"
        case .pattern(let pattern): "must match the pattern \(Quoted(pattern))"
        case .searchableText(let limit): "is longer than the \(limit) characters in which patterns are looked for"
        case .uniqueItems(let first, let second): "must have no equal items, but items \(first) and \(second) are"
        case .required(let name): "must have the property \(Quoted(name))"
        case .requiredBy(let name, let missing):
            "must have the property \(Quoted(missing)), since it has \(Quoted(name))"
        case .known(let suggestion?): "is no property that the schema knows; did you mean \(Quoted(suggestion))?"
        case .known(nil): "is no property that the schema knows"
        case .absent: "must not be set"
        // Other errors name what is in the schema, which is the value here.
        case .metaschema(let error):
            if case .badKeyword(_, let expected) = error.problem {
                "must be \(expected), as JSON Schema has it"
            } else {
                "must be a JSON Schema"
            }
        case .name(let sentence): "has a name that does not fit: it \(sentence)"
        case .not: "must not be what the schema excludes here"
        case .nothing: "is not allowed here"
        case .oneOfSchemas(let alternatives, let depth): Self.sentence(of: alternatives, depth: depth)
        case .exactlyOne(let matched):
            "must fit one alternative only, but fits "
                + matched.prefix(2).map { "number \($0 + 1)" }.joined(separator: " and ")
        case .outOfSteps: "takes more than \(InputSchema.stepsMax) steps to check against this schema"
        case .endlessRecursion:
            "meets schemas that are more than \(InputSchema.recursionMax) deep, or refer to themselves without end"
        }
    }

    private static func listed(_ values: [JSONValue]) -> String {
        let writer = JSONWriter()
        let texts = values.prefix(listedMax).map { Quoted.clean(writer.text(of: $0)) }
        guard values.count > listedMax else { return texts.joinedAsAlternatives }
        return texts.joined(separator: ", ") + " or one of \(values.count - listedMax) more"
    }

    private static func sentence(of alternatives: [Violation], depth: Int) -> String {
        let reasons = alternatives.prefix(alternativesMax).map { violation in
            let below = violation.path.dropFirst(depth)
            return below.isEmpty
                ? violation.sentence : "\(Quoted(below.joined(separator: "."))) \(violation.sentence)"
        }
        let more = alternatives.count - reasons.count
        return reasons.joined(separator: "; or ") + (more > 0 ? "; or fit one of \(more) more alternatives" : "")
    }
}

extension Demand.Counted {
    fileprivate func phrase(_ count: Int) -> String {
        guard count != 1 else { return "1 \(rawValue)" }
        return self == .property ? "\(count) properties" : "\(count) \(rawValue)s"
    }
}

extension SchemaRule.NumberBound {
    fileprivate var phrase: String {
        switch self {
        case .minimum: "at least"
        case .maximum: "at most"
        case .exclusiveMinimum: "more than"
        case .exclusiveMaximum: "less than"
        }
    }
}
