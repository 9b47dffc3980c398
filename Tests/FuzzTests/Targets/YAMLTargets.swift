import JSON

@testable import Manifests

extension FuzzTarget {
    static let yaml = [
        FuzzTarget("yaml", "errors are located, all is bounded, and a document's JSON is the same document") { input in
            var documents: [YAMLDocument] = []
            var failure: YAMLError?
            do throws(YAMLError) {
                try YAMLReader.read(input) { documents.append($0) }
            } catch {
                failure = error
            }
            let limits = YAMLReader.Limits()
            let errors = documents.flatMap(\.errors) + (failure.map { [$0] } ?? [])
            try require(errors.count <= limits.errorsMax + 1, "\(errors.count) errors")
            for error in errors {
                try require((1...input.lineCount + 1).contains(error.mark.line), "no such line: \(error)")
                try require(error.description.isOneSafeLine, "not one safe line: \(error.description.debugDescription)")
            }
            for document in documents {
                var found: [YAMLError] = []
                let value = document.root.json(errors: &found)
                let written = JSONWriter().bytes(of: value)
                try require(try JSONReader.read(written) == value, "not the same as JSON: \(written.text)")
                guard let node = try? YAMLReader.document(in: written) else { continue }
                try require(node.json(errors: &found) == value, "not the same as YAML: \(written.text)")
            }
        },
        FuzzTarget("yaml-scalar", "a number's JSON spelling means the same, and other readers agree on the value") {
            let text = $0.text
            let resolved = CoreSchema.resolve(text)
            let isNull = YAMLScalar(text: text, style: .plain).isNull
            try require(isNull == (resolved == .null), "\(text) is null or not")
            switch resolved {
            case .null: try require(["", "~", "null"].contains(text.lowercased()), "\(text) is not null")
            case .bool(let flag): try require(text.lowercased() == "\(flag)", "\(text) is not \(flag)")
            case .string(let same):
                try require(same.isSpelt(as: text), "\(text) has become \(same)")
                try require(JSONNumber(text: text) == nil, "\(text) is a number")
            case .notInJSON: break
            case .number(let number): try check(number, speltAs: text)
            }
        },
    ]

    private static func check(_ number: JSONNumber, speltAs text: String) throws {
        try require(CoreSchema.resolve(number.text) == .number(number), "\(text) has become \(number.text)")
        try require(number.text.utf8.count <= JSONNumber.lengthMax, "\(text) has grown")
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            guard let value = Int(text.dropFirst(2), radix: radix) else { return }
            return try require(number.int == value, "\(text) is not \(number.text)")
        }
        guard let value = Double(text) else { return }
        try require(value == number.double, "\(text) is not \(number.text)")
    }
}
