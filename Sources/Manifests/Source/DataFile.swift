package import JSON

/// A file that a manifest reads through `valuesFrom` or `inputSchemaFile`: one mapping, in YAML or JSON.
struct DataFile: Sendable {
    private(set) var object = JSONObject()
    private(set) var errors: [ManifestError] = []
    /// See ``JSON/JSONObject/weight``.
    let weight: Int

    /// Reads the file; an empty one is an empty mapping.
    init(path: String, bytes: [UInt8]) {
        var problems = Problems(file: path)
        do throws(YAMLErrors) {
            let root = try Self.root(path: path, bytes: bytes)
            var found: [YAMLError] = []
            if let object = root.jsonObject(errors: &found) {
                self.object = object
            } else if !root.isNull {
                problems.report(root.mark, "a file of values or a schema must hold a mapping, not \(root.kind)")
            }
            problems.report(found)
        } catch {
            problems.report(error.errors)
        }
        errors = problems.errors
        weight = object.weight
    }

    /// The trees of all documents of a file that has been read without errors, for the places of what is in them.
    static func roots(path: String, bytes: [UInt8]) -> [YAMLNode] {
        var roots: [YAMLNode] = []
        // It was read before, so what can't be read now has been reported then.
        if RepositoryPath.hasExtension(".json", path) {
            if let document = try? YAMLReader.json(bytes) { roots.append(document.root) }
        } else {
            try? YAMLReader.read(bytes) { roots.append($0.root) }
        }
        return roots
    }

    private static func root(path: String, bytes: [UInt8]) throws(YAMLErrors) -> YAMLNode {
        guard RepositoryPath.hasExtension(".json", path) else { return try YAMLReader.document(in: bytes) }
        do throws(YAMLError) {
            return try YAMLReader.json(bytes).root
        } catch {
            throw YAMLErrors([error])
        }
    }
}

/// A file that manifests read, with what it holds.
struct LoadedDataFile: Sendable {
    var file: TreeFile
    var content: DataFile
}

/// The values of one install, put together from files and from its own `spec.values`.
struct MergedValues: Sendable {
    let values: JSONObject
    /// Members that were copied for it; what is taken over whole is shared with the files.
    let copied: Int
    /// Of the files, in their order.
    private let contentIDs: [String?]

    init(_ own: JSONObject, over layers: some Sequence<LoadedDataFile>) {
        var (values, copied) = (JSONObject(), 0)
        for layer in layers { values = values.merged(with: layer.content.object, copied: &copied) }
        self.values = values.merged(with: own, copied: &copied)
        self.copied = copied
        contentIDs = layers.map(\.file.contentID)
    }

    /// Whether just these files went into it; never true for one whose content has no name.
    func isMadeOf(_ layers: some Sequence<LoadedDataFile>) -> Bool {
        layers.elementsEqual(contentIDs) { $1 != nil && $0.file.contentID == $1 }
    }
}

extension JSONObject {
    /// These members with those of `other` over them: objects are merged member by member, everything else is replaced
    /// as a whole, by null too.
    package func merged(with other: JSONObject) -> JSONObject {
        var copied = 0
        return merged(with: other, copied: &copied)
    }

    /// The same.
    ///
    /// - Parameter copied: grows by the members that could not be shared with either.
    func merged(with other: JSONObject, copied: inout Int) -> JSONObject {
        if isEmpty { return other }
        if other.isEmpty { return self }
        copied += count + other.count
        var merged = self
        for member in other {
            if case .object(let over) = member.value, case .object(let under) = merged[member.name] {
                merged[member.name] = .object(under.merged(with: over, copied: &copied))
            } else {
                merged[member.name] = member.value
            }
        }
        return merged
    }

    /// Members and items in it, however deep: what it takes to keep it.
    var weight: Int { members.reduce(0) { $0 + 1 + $1.value.weight } }
}

extension JSONValue {
    fileprivate var weight: Int {
        switch self {
        case .object(let object): object.weight
        case .array(let items): items.reduce(0) { $0 + 1 + $1.weight }
        case .null, .bool, .number, .string: 0
        }
    }
}
