package import JSON

/// A file that a manifest reads through `valuesFrom` or `inputSchemaFile`: one mapping, in YAML or JSON.
struct DataFile: Sendable {
    var object = JSONObject()
    var errors: [ManifestError] = []

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
    /// Of the files, in their order.
    let contentIDs: [String?]
    let values: JSONObject

    /// Whether just these files went into it; never true for one whose content has no name.
    func isMadeOf(_ layers: some Sequence<LoadedDataFile>) -> Bool {
        layers.elementsEqual(contentIDs) { $1 != nil && $0.file.contentID == $1 }
    }
}

extension JSONObject {
    /// These members with those of `other` over them: objects are merged member by member, everything else is replaced
    /// as a whole, by null too.
    package func merged(with other: JSONObject) -> JSONObject {
        var merged = self
        for member in other {
            if case .object(let over) = member.value, case .object(let under) = merged[member.name] {
                merged[member.name] = .object(under.merged(with: over))
            } else {
                merged[member.name] = member.value
            }
        }
        return merged
    }
}
