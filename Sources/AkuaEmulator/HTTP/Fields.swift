import JSON

/// Reads the members of one object of a request body, which may hold no others, and collects all that is wrong.
///
/// Lengths are counted in UTF-16 units, as JavaScript counts them.
struct Fields {
    private let object: JSONObject
    private let path: [String]
    private var known: Set<String> = []
    private(set) var issues: [Refusal.Issue] = []

    /// No value at all counts as an empty object.
    init(_ value: JSONValue?, at path: [String] = ["body"]) {
        self.path = path
        object = value?.object ?? JSONObject()
        if let value, value.object == nil { complain("expected an object, got \(value.kind)") }
    }

    /// Whether the object has that member.
    func has(_ name: String) -> Bool { object[name] != nil }

    /// A member that must be there; empty when it is missing or wrong.
    mutating func text(_ name: String, _ length: ClosedRange<Int>, where isValid: (String) -> Bool = { _ in true })
        -> String
    {
        guard has(name) else {
            known.insert(name)
            complain("is required", name)
            return ""
        }
        return optionalText(name, length, where: isValid) ?? ""
    }

    /// A member that may be absent; `null` counts as absent only where the schema allows it.
    mutating func optionalText(
        _ name: String, _ length: ClosedRange<Int>, isNullable: Bool = false,
        where isValid: (String) -> Bool = { _ in true }
    ) -> String? {
        known.insert(name)
        guard let value = object[name], !(isNullable && value.isNull) else { return nil }
        guard let text = value.string else {
            complain("expected a string, got \(value.kind)", name)
            return nil
        }
        guard length.contains(text.utf16.count) else {
            complain("must have \(length.lowerBound) to \(length.upperBound) characters, has \(text.utf16.count)", name)
            return nil
        }
        guard isValid(text) else {
            complain("has the wrong form", name)
            return nil
        }
        return text
    }

    /// A member with one of the words of an enumeration.
    mutating func word(_ name: String, of words: [String], isRequired: Bool = false) -> String? {
        known.insert(name)
        guard let value = object[name] else {
            if isRequired { complain("is required", name) }
            return nil
        }
        guard let word = value.string, words.contains(word) else {
            complain("must be one of \(words.joined(separator: ", "))", name)
            return nil
        }
        return word
    }

    mutating func optionalFlag(_ name: String, isNullable: Bool = false) -> Bool? {
        known.insert(name)
        guard let value = object[name], !(isNullable && value.isNull) else { return nil }
        if value.bool == nil { complain("expected a boolean, got \(value.kind)", name) }
        return value.bool
    }

    mutating func flag(_ name: String) -> Bool {
        if !has(name) { complain("is required", name) }
        return optionalFlag(name) ?? false
    }

    mutating func optionalNumber(_ name: String) -> JSONNumber? {
        known.insert(name)
        guard let value = object[name] else { return nil }
        if value.number == nil { complain("expected a number, got \(value.kind)", name) }
        return value.number
    }

    /// A member of whatever kind.
    mutating func optionalAny(_ name: String) -> JSONValue? {
        known.insert(name)
        return object[name]
    }

    /// A member that is an object with whatever members.
    mutating func optionalObject(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = object[name] else { return nil }
        if value.object == nil { complain("expected an object, got \(value.kind)", name) }
        return value
    }

    mutating func anyObject(_ name: String) -> JSONValue {
        if !has(name) { complain("is required", name) }
        return optionalObject(name) ?? [:]
    }

    /// A member that is an object of strings.
    mutating func optionalTexts(_ name: String) -> [String: String] {
        guard let members = optionalObject(name)?.object else { return [:] }
        var texts: [String: String] = [:]
        for member in members {
            if let text = member.value.string {
                texts[member.name] = text
            } else {
                issues.append(issue("expected a string, got \(member.value.kind)", [name, member.name]))
            }
        }
        return texts
    }

    /// A member that is a closed object of its own, read by `read`.
    mutating func nested<Value>(_ name: String, _ read: (inout Fields) -> Value) -> Value? {
        known.insert(name)
        guard let value = object[name] else {
            complain("is required", name)
            return nil
        }
        return nested(value, at: [name], read)
    }

    /// A member that is a list of exactly one closed object.
    mutating func nestedOnly<Value>(_ name: String, _ read: (inout Fields) -> Value) -> Value? {
        known.insert(name)
        guard let items = object[name]?.array, let only = items.first, items.count == 1 else {
            complain("must be a list of exactly one item", name)
            return nil
        }
        return nested(only, at: [name, "0"], read)
    }

    private mutating func nested<Value>(
        _ value: JSONValue, at place: [String], _ read: (inout Fields) -> Value
    ) -> Value {
        var inner = Fields(value, at: path + place)
        let result = read(&inner)
        inner.refuseUnknown()
        issues += inner.issues
        return result
    }

    /// Says what is wrong with a member, or with the object itself.
    mutating func complain(_ problem: String, _ name: String? = nil) {
        issues.append(issue(problem, name.map { [$0] } ?? []))
    }

    /// Throws when anything was wrong or a member is there that nobody asked for.
    mutating func close() throws(Refusal) {
        refuseUnknown()
        guard issues.isEmpty else { throw Refusal(status: 422, issues) }
    }

    private mutating func refuseUnknown() {
        for name in object.names where !known.contains(name) { complain("is not a field of this object", name) }
    }

    private func issue(_ problem: String, _ place: [String]) -> Refusal.Issue {
        let whole = path + place
        return Refusal.Issue(code: .invalid, message: "\(whole.joined(separator: ".")) \(problem).", path: whole)
    }
}
