import JSON

/// How values are shown where the platform's documents disagree with each other.
struct WireStyle: Sendable, Equatable {
    /// Milliseconds instead of seconds since 1970.
    var usesMilliseconds = false
    /// Ids without their prefix.
    var hasBareIDs = false
    /// Etags in double quotes.
    var quotesETags = false
    /// Whether packages and their versions carry the etag that the documents call optional.
    var showsPackageETags = true

    /// The text of an id.
    func text(of id: String) -> String {
        guard hasBareIDs, let underscore = id.firstIndex(of: "_") else { return id }
        return String(id[id.index(after: underscore)...])
    }

    /// An id as the API shows it.
    func id(_ id: String) -> JSONValue { .string(text(of: id)) }

    /// A moment, given in milliseconds.
    func time(_ milliseconds: Int) -> JSONValue {
        .number(JSONNumber(usesMilliseconds ? milliseconds : milliseconds / 1_000))
    }

    /// The text of an etag.
    func etagText(_ revision: Int) -> String { quotesETags ? "\"\(revision)\"" : String(revision) }

    /// An etag as the API shows it.
    func etag(_ revision: Int) -> JSONValue { .string(etagText(revision)) }

    /// Where a person would look at the object.
    func page(_ place: String, _ id: String) -> JSONValue { .string("https://akua.dev/\(place)/\(text(of: id))") }
}

extension JSONObject {
    /// Adds the member only when there is a value: the API leaves absent fields out.
    mutating func set(_ name: String, ifPresent value: JSONValue?) {
        if let value { self[name] = value }
    }
}

extension JSONValue {
    /// The text, or JSON's `null`.
    init(orNull text: String?) { self = text.map(JSONValue.string) ?? .null }

    /// The object that `members` fills.
    static func object(_ members: (inout JSONObject) -> Void) -> JSONValue {
        var object = JSONObject()
        members(&object)
        return .object(object)
    }
}
