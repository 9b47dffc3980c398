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

    /// The tree of the file, for the places of what is in it.
    static func root(path: String, bytes: [UInt8]) throws(YAMLErrors) -> YAMLNode {
        guard path.suffix(5).lowercased() == ".json" else { return try YAMLReader.document(in: bytes) }
        do throws(YAMLError) {
            return try YAMLReader.json(bytes).root
        } catch {
            throw YAMLErrors([error])
        }
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
