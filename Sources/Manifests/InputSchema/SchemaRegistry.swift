internal import JSON

/// A place in one of the documents that a schema is made of: the document's number, and a JSON pointer into it.
struct SchemaPlace: Hashable, Sendable {
    var document: Int
    var pointer: String

    func below(_ pointer: String) -> SchemaPlace { SchemaPlace(document: document, pointer: self.pointer + pointer) }
}

/// A schema with an address of its own, and the names that are declared in it.
struct SchemaResource: Sendable {
    /// Absolute, without a fragment.
    var uri: String
    var root: SchemaPlace
    var dialect: SchemaDialect
    var anchors: [String: SchemaPlace] = [:]
    /// Those of the anchors that `$dynamicRef` may find from elsewhere.
    var dynamicAnchors: [String: SchemaPlace] = [:]
}

/// The documents of one schema, what has an address in them, and where references lead.
///
/// Nothing is ever fetched: a document is the schema itself or one of those supplied with it.
struct SchemaRegistry {
    /// What a reference leads to.
    enum Target {
        case schema(SchemaPlace, JSONValue, resource: Int)
        /// The metaschema of a dialect itself: whatever is a schema of that dialect satisfies it.
        case metaschema(SchemaDialect)
    }

    private(set) var resources: [SchemaResource] = []
    /// The addresses of the documents; the first is the schema itself.
    private(set) var documents: [(uri: String, value: JSONValue)] = []
    private let supplied: [String: JSONValue]
    private var resourceByURI: [String: Int] = [:]
    private var resourceByRoot: [SchemaPlace: Int] = [:]

    init(_ schema: JSONValue, supplied: [String: JSONValue], dialect: SchemaDialect) throws(InputSchemaError) {
        self.supplied = supplied
        _ = try add(schema, at: SchemaURI.unnamed, dialect: dialect)
    }

    /// The resource whose root is at the place, if one is.
    func resource(at place: SchemaPlace) -> Int? { resourceByRoot[place] }

    /// A place as messages show it.
    func location(_ place: SchemaPlace) -> String {
        place.document == 0 ? place.pointer : "\(documents[place.document].uri)#\(place.pointer)"
    }

    func error(_ problem: InputSchemaError.Problem, at place: SchemaPlace) -> InputSchemaError {
        InputSchemaError(problem: problem, location: location(place))
    }

    /// The absolute address that a reference in a resource has, and its fragment.
    func address(
        of reference: String, in resource: Int, at place: SchemaPlace
    ) throws(InputSchemaError) -> (uri: String, fragment: String) {
        let (address, fragment) = SchemaURI.split(reference)
        guard let fragment, let uri = SchemaURI.resolve(address, against: resources[resource].uri) else {
            throw error(.malformedReference(reference), at: place)
        }
        return (uri, fragment)
    }

    /// What a reference in a resource leads to; a supplied document is read when the first reference to it comes.
    mutating func target(
        of reference: String, in resource: Int, at place: SchemaPlace
    ) throws(InputSchemaError) -> Target {
        let (uri, fragment) = try address(of: reference, in: resource, at: place)
        guard let found = try self.resource(named: uri, dialect: resources[resource].dialect) else {
            guard fragment.isEmpty, let dialect = SchemaDialect.known(uri) else {
                throw error(.unknownDocument(uri), at: place)
            }
            return .metaschema(dialect)
        }
        if fragment.isEmpty || fragment.hasPrefix("/") {
            let steps = JSONPointer.steps(of: fragment).map { "/" + JSONPointer.escaped($0) }
            return try schema(at: resources[found].root.below(steps.joined()), reference, from: place)
        }
        guard let anchor = resources[found].anchors[fragment] else {
            throw error(.danglingReference(reference), at: place)
        }
        return try schema(at: anchor, reference, from: place)
    }

    private mutating func resource(named uri: String, dialect: SchemaDialect) throws(InputSchemaError) -> Int? {
        if let known = resourceByURI[uri] { return known }
        guard let document = supplied[uri] else { return nil }
        return try add(document, at: uri, dialect: dialect)
    }

    /// Goes down to a place; it belongs to the resource whose root was passed last.
    private func schema(
        at target: SchemaPlace, _ reference: String, from place: SchemaPlace
    ) throws(InputSchemaError) -> Target {
        var current = SchemaPlace(document: target.document, pointer: "")
        var value: JSONValue? = documents[target.document].value
        var owner = resource(at: current)
        for step in JSONPointer.steps(of: target.pointer) {
            value = value.flatMap { JSONPointer.child(of: $0, at: step) }
            current = current.below("/" + JSONPointer.escaped(step))
            owner = resource(at: current) ?? owner
        }
        guard let value, let owner else { throw error(.danglingReference(reference), at: place) }
        return .schema(target, value, resource: owner)
    }
}

extension SchemaRegistry {
    /// Takes a document in: its root becomes a resource, and what has an address or an anchor in it is entered.
    private mutating func add(
        _ document: JSONValue, at uri: String, dialect: SchemaDialect
    ) throws(InputSchemaError) -> Int {
        let root = SchemaPlace(document: documents.count, pointer: "")
        documents.append((uri, document))
        // The address that it was supplied under stays valid beside the one that it gives itself.
        let first = resources.count
        resources.append(SchemaResource(uri: uri, root: root, dialect: dialect))
        resourceByURI[uri] = first
        resourceByRoot[root] = first
        try enter(document, at: root, in: first)
        return first
    }

    private struct Pending {
        var value: JSONValue
        var place: SchemaPlace
        var resource: Int
        var depth: Int
    }

    private mutating func enter(_ schema: JSONValue, at root: SchemaPlace, in resource: Int) throws(InputSchemaError) {
        var pending = [Pending(value: schema, place: root, resource: resource, depth: 0)]
        while var next = pending.popLast() {
            guard let object = next.value.object else { continue }
            guard next.depth < InputSchema.depthMax else {
                throw error(.tooDeep(limit: InputSchema.depthMax), at: next.place)
            }
            next.resource = try enterIdentifiers(of: object, at: next.place, in: next.resource)
            for (pointer, value) in resources[next.resource].dialect.subschemas(of: object) {
                pending.append(
                    Pending(
                        value: value, place: next.place.below(pointer), resource: next.resource, depth: next.depth + 1))
            }
        }
    }

    /// Enters the address, dialect and anchors of one schema; answers with the resource that it belongs to.
    private mutating func enterIdentifiers(
        of schema: JSONObject, at place: SchemaPlace, in parent: Int
    ) throws(InputSchemaError) -> Int {
        var resource = parent
        var dialect = resources[parent].dialect
        let isRoot = place == resources[parent].root
        // Only what has an address may choose a dialect; it comes first, since it decides how the address is read.
        if isRoot || schema["$id"] != nil, let declared = schema["$schema"] {
            guard let uri = declared.string else {
                throw error(.badKeyword("$schema", expected: "the address of a dialect"), at: place)
            }
            dialect = try self.dialect(uri, at: place)
        }
        if dialect.edition == .draft7, schema["$ref"] != nil {
            if isRoot { resources[resource].dialect = dialect }
            return resource
        }
        if let identifier = schema["$id"] {
            guard let identifier = identifier.string else {
                throw error(.badKeyword("$id", expected: "a reference"), at: place)
            }
            let (uri, fragment) = try address(of: identifier, in: parent, at: place)
            guard fragment.isEmpty || dialect.edition == .draft7 else {
                throw error(.badKeyword("$id", expected: "a reference without a fragment"), at: place)
            }
            if !identifier.hasPrefix("#") { resource = try enterResource(uri, at: place, in: parent) }
            if !fragment.isEmpty { try enterAnchor(fragment, at: place, in: resource) }
        }
        if resource != parent || isRoot { resources[resource].dialect = dialect }
        guard dialect.edition != .draft7 else { return resource }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let value = schema[keyword] else { continue }
            guard let name = value.string, Self.isAnchorName(name) else {
                throw error(.badKeyword(keyword, expected: "a name of letters, digits, '-', '_' and '.'"), at: place)
            }
            try enterAnchor(name, at: place, in: resource)
            if keyword == "$dynamicAnchor" { resources[resource].dynamicAnchors[name] = place }
        }
        return resource
    }

    /// A resource for the schema at the place, or the one that it has already, under this address.
    private mutating func enterResource(
        _ uri: String, at place: SchemaPlace, in parent: Int
    ) throws(InputSchemaError) -> Int {
        if let existing = resourceByURI[uri], resources[existing].root != place {
            throw error(.duplicateIdentifier(uri), at: place)
        }
        if let existing = resourceByRoot[place] {
            resources[existing].uri = uri
            resourceByURI[uri] = existing
            return existing
        }
        resources.append(SchemaResource(uri: uri, root: place, dialect: resources[parent].dialect))
        resourceByURI[uri] = resources.count - 1
        resourceByRoot[place] = resources.count - 1
        return resources.count - 1
    }

    private mutating func enterAnchor(
        _ name: String, at place: SchemaPlace, in resource: Int
    ) throws(InputSchemaError) {
        if let other = resources[resource].anchors[name], other != place {
            throw error(.duplicateIdentifier("#" + name), at: place)
        }
        resources[resource].anchors[name] = place
    }

    private func dialect(_ uri: String, at place: SchemaPlace) throws(InputSchemaError) -> SchemaDialect {
        if let known = SchemaDialect.known(uri) { return known }
        let address = SchemaURI.split(uri).address
        guard let metaschema = supplied[address],
            metaschema["$schema"]?.string.flatMap(SchemaDialect.known) == .draft202012
        else { throw error(.unknownDialect(uri), at: place) }
        guard let vocabulary = metaschema["$vocabulary"]?.object else { return .draft202012 }
        let (dialect, unknown) = SchemaDialect.described(by: vocabulary)
        if let unknown { throw error(.unknownVocabulary(unknown), at: place) }
        return dialect
    }

    private static func isAnchorName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        let isStart = first == UInt8(ascii: "_") || Character(UnicodeScalar(first)).isLetter
        return isStart && name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    }
}
