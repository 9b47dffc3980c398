import Manifests

@testable import JSON

extension FuzzTarget {
    static let json = [
        FuzzTarget("json", "what is read is written and read again as the same value, by a YAML reader too") { input in
            let value: JSONValue
            do throws(JSONSyntaxError) {
                value = try JSONReader.read(input)
            } catch {
                try require((0...input.count).contains(error.offset), "the error is outside of the text: \(error)")
                try require((1...input.lineCount).contains(error.line) && error.column >= 1, "no such place: \(error)")
                return
            }
            let written = JSONWriter().bytes(of: value)
            let again = try JSONReader.read(written)
            try require(again == value, "another value is read back: \(written.text)")
            try require(again.hashValue == value.hashValue, "equal values hash differently: \(written.text)")
            try require(JSONWriter().bytes(of: again) == written, "another text is written: \(written.text)")
            for writer in [JSONWriter(order: .sorted), JSONWriter(isPretty: true)] {
                try require(try JSONReader.read(writer.bytes(of: value)) == value, "not the same: \(written.text)")
            }
            // libyaml reads all of JSON but what our limits on YAML refuse.
            if let node = try? YAMLReader.document(in: written) {
                var errors: [YAMLError] = []
                let second = node.json(errors: &errors)
                try require(errors.isEmpty && second == value, "a YAML reader sees \(JSONWriter().text(of: second))")
            }
            if let document = try? YAMLReader.json(input) {
                var errors: [YAMLError] = []
                try require(document.root.json(errors: &errors) == value, "the tree is not the value")
            }
        },
        FuzzTarget("json-number", "numbers have one order and one normal form, and agree with binary ones") { input in
            let numbers = input.lines(3).compactMap { JSONNumber(text: $0) }
            for number in numbers { try Self.check(number) }
            guard numbers.count >= 2 else { return }
            let (a, b) = (numbers[0], numbers[1])
            try require([a < b, b < a, a == b].count { $0 } == 1, "\(a.text) and \(b.text) have no one order")
            try require(a != b || a.hashValue == b.hashValue, "\(a.text) and \(b.text) hash differently")
            try require((a.canonicalText == b.canonicalText) == (a == b), "\(a.text) and \(b.text) in normal form")
            if a < b { try require(a.double <= b.double, "\(a.text) and \(b.text) as binary numbers") }
            if numbers.count == 3, a < b, b < numbers[2] { try require(a < numbers[2], "the order is no order") }
            if let value = a.int, let divisor = b.int, divisor > 0, b.isDivisor {
                try require(
                    a.isMultiple(of: b) == value.isMultiple(of: divisor), "\(a.text) as a multiple of \(b.text)")
            }
        },
    ]

    private static func check(_ number: JSONNumber) throws {
        try require(number.isMultiple(of: JSONNumber(1)) == number.isWhole, "\(number.text) is whole or not")
        if let value = number.int { try require(JSONNumber(value) == number, "\(number.text) is not \(value)") }
        // Exponents beyond the bound are not told apart, by documentation.
        guard abs(number.decimal.exponent) < 1_000_000_000_000 else { return }
        let normal = number.canonicalText
        guard normal.utf8.count <= JSONNumber.lengthMax else { return }
        let again = try require(JSONNumber(text: normal), "the normal form \(normal) is no number")
        try require(again == number && again.canonicalText == normal, "the normal form of \(number.text) is \(normal)")
    }
}
