/// A JSON document as a value, with every number kept digit for digit.
///
/// Two values are equal when they mean the same: the order of an object's members does not matter and numbers
/// compare by value, so `1.10`, `1.1` and `11e-1` are equal while each is written back as it was read.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Equatable, Hashable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        // Canonically equivalent texts hash alike, so this holds for byte-wise equality too.
        case .string(let value): hasher.combine(value)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSONValue {
    /// The members, when this is an object.
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// The items, when this is an array.
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The text, when this is a string.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The truth value, when this is one.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The number, when this is one.
    package var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    /// Whether this is JSON's `null`.
    package var isNull: Bool { if case .null = self { true } else { false } }

    /// What kind of value this is, in the words of an error message.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The member of that name, or nil when this is no object or has none.
    package subscript(name: String) -> JSONValue? { object?[name] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    /// Builds an object in the order written; of two members with one name the later wins.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}

extension String {
    /// Whether both have the same code points; Swift's own `==` also takes composed and decomposed letters for equal.
    func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
    }
}
