package import JSON

extension YAMLNode {
    /// The value in JSON, as the core schema means it, with what JSON can't hold reported to `errors`.
    ///
    /// Numbers keep their digits where JSON allows them. What is reported becomes null, so that the rest can be checked.
    package func json(errors: inout [YAMLError]) -> JSONValue {
        switch content {
        case .sequence(let items):
            var values: [JSONValue] = []
            values.reserveCapacity(items.count)
            for item in items { values.append(item.json(errors: &errors)) }
            return .array(values)
        case .mapping(let entries): return .object(Self.object(of: entries, errors: &errors))
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: return .null
            case .bool(let flag): return .bool(flag)
            case .number(let number): return .number(number)
            case .string(let text): return .string(text)
            case .notInJSON(let obstacle):
                errors.append(obstacle.error(at: mark))
                return .null
            }
        }
    }

    /// The mapping in JSON, or nil when this is none; see ``json(errors:)``.
    package func jsonObject(errors: inout [YAMLError]) -> JSONObject? {
        entries.map { Self.object(of: $0, errors: &errors) }
    }

    private static func object(of entries: [YAMLEntry], errors: inout [YAMLError]) -> JSONObject {
        var object = JSONObject()
        for entry in entries { object[entry.key] = entry.value.json(errors: &errors) }
        return object
    }
}

extension CoreScalar.Obstacle {
    fileprivate func error(at mark: YAMLMark) -> YAMLError {
        switch self {
        case .infinity: YAMLError(.value, at: mark, "infinity, which JSON can't hold", hint: "quote it to mean text")
        case .notANumber:
            YAMLError(.value, at: mark, "not-a-number, which JSON can't hold", hint: "quote it to mean text")
        case .tooLong:
            YAMLError(
                .value, at: mark, "a number of more than \(JSONNumber.lengthMax) digits",
                hint: "quote it to mean text")
        }
    }
}
