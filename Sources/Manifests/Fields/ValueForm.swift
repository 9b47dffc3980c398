/// What the value of a field has to be, in words for the reference.
///
/// The schema says the same to programs as far as a schema can: nothing of the bounds of a length of time, for one.
struct ValueForm: Sendable {
    /// Such as `text`, `whole number` or `list of text`.
    var type: String
    /// What else holds, such as `1 to 100 characters`; empty where nothing does.
    var limit = ""
    /// The fields of a mapping that has a table of its own, or of the items of a list of such.
    var fields: FieldTable?
    /// Whether ``fields`` are those of items.
    var isList = false

    /// Text of that many characters, of one form.
    static func text(_ length: ClosedRange<Int>, _ form: TextForm? = nil, allowsLines: Bool = false) -> Self {
        var limit = length.lowerBound == 0 ? "up to" : "\(length.lowerBound) to"
        limit += " \(length.upperBound) characters"
        if allowsLines { limit += ", on any number of lines" }
        if let form { limit += ": \(form.sentence)" }
        return Self(type: "text", limit: limit)
    }

    /// One of these words.
    static func word(_ words: [String]) -> Self {
        Self(type: "word", limit: words.map { "`\($0)`" }.joined(separator: ", "))
    }

    /// A list of at most so many of these.
    static func list(of item: ValueForm, max: Int) -> Self {
        Self(
            type: "list of \(item.type)", limit: "up to \(max)" + (item.limit.isEmpty ? "" : ", each \(item.limit)"),
            fields: item.fields, isList: true)
    }

    /// A mapping of these fields.
    static func object(_ table: FieldTable) -> Self { Self(type: "mapping", fields: table) }

    /// A mapping whose content is not ours to know.
    static let anything = Self(type: "mapping", limit: "passed on as it is")
}

extension FieldRule {
    /// The same rule, told in other words.
    func told(as type: String, _ limit: String) -> Self {
        FieldRule(schema: schema, form: ValueForm(type: type, limit: limit), read: read)
    }
}
