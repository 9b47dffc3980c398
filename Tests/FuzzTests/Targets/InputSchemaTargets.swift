import JSON

@testable import Manifests

extension FuzzTarget {
    static let inputSchemas = [
        FuzzTarget("input-schema", "a value is valid or it is not: `not` turns the answer round, `allOf` keeps it") {
            guard let pair = try? JSONReader.read($0).array, pair.count == 2 else { return }
            let (schema, value) = (pair[0], pair[1])
            let compiled: InputSchema
            do throws(InputSchemaError) {
                compiled = try InputSchema(compiling: schema)
            } catch {
                return try require(error.description.isOneSafeLine, error.description.debugDescription)
            }
            let violations = compiled.validate(value)
            try require(violations.count <= InputSchema.violationsMax, "\(violations.count) violations")
            try require(compiled.validate(value) == violations, "another answer the second time")
            for violation in violations {
                try require(violation.description.isOneSafeLine, violation.description.debugDescription)
            }
            let text = JSONWriter().text(of: schema)
            // Neither a schema that depends on where it stands, nor one that could not be checked to its end.
            guard !text.contains("\"$"), !text.contains("pattern"), !text.contains("uneval"),
                !violations.contains(where: { $0.isAboutTheCheck })
            else { return }
            let (inverse, same) = (["not": schema] as JSONValue, ["allOf": [schema, schema]] as JSONValue)
            guard let not = try? InputSchema(compiling: inverse), let twice = try? InputSchema(compiling: same) else {
                return  // Deeper or larger than is taken, by the one schema around it.
            }
            let opposite = not.validate(value)
            let isUnsure = opposite.contains(where: { $0.isAboutTheCheck })
            try require(isUnsure || opposite.isEmpty != violations.isEmpty, "`not` says the same")
            try require(twice.validate(value).isEmpty == violations.isEmpty, "`allOf` says something else")
        },
        FuzzTarget("schema-pattern", "a search ends within its steps, and again the same way") { input in
            let lines = input.lines(2)
            guard let pattern = try? TextPattern(lines[0]) else { return }
            var (steps, again) = (20_000, 20_000)
            let outcome = pattern.search(lines[1], steps: &steps)
            try require(pattern.search(lines[1], steps: &again) == outcome && again == steps, "another end")
            try require(steps <= 20_000 && steps >= -2 * SchemaCost.searchReport, "\(steps) steps are left")
            // A pattern says where it is found: anything around it changes nothing, unless it looks around itself.
            guard outcome == .found, !lines[0].contains(where: { "^$\\(".contains($0) }) else { return }
            try require(pattern.search("é" + lines[1] + "é", steps: &again) != .notFound, "lost in a longer text")
        },
    ]
}

extension Violation {
    /// Whether it says that the check itself came to no end.
    fileprivate var isAboutTheCheck: Bool {
        switch demand {
        case .outOfSteps, .endlessRecursion: true
        case .oneOfSchemas(let alternatives, _): alternatives.contains { $0.isAboutTheCheck }
        default: false
        }
    }
}
