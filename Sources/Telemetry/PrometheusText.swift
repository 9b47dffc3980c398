/// The labels of one series, names made valid; equal and ordered by what they say.
struct PrometheusLabels: Hashable, Comparable {
    private let pairs: [String]

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { "\(PrometheusText.name($0.0))=\"\(PrometheusText.labelValue($0.1))\"" }
    }

    /// `{a="b",c="d"}`, or nothing without labels.
    func text(and extra: (name: String, value: String)? = nil) -> String {
        let all = pairs + (extra.map { ["\($0.name)=\"\($0.value)\""] } ?? [])
        return all.isEmpty ? "" : "{\(all.joined(separator: ","))}"
    }

    static func < (left: PrometheusLabels, right: PrometheusLabels) -> Bool {
        left.pairs.lexicographicallyPrecedes(right.pairs)
    }
}

/// The spelling rules of the text format.
enum PrometheusText {
    /// The longest value of a label, in bytes: what is longer was not meant for one.
    static let labelBytesMax = 256

    /// A name of letters, digits and underscores that does not begin with a digit.
    static func name(_ text: String) -> String {
        let clean = String(
            text.unicodeScalars.map { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
                default: "_"
                }
            })
        return clean.first.map { $0.isNumber ? "_" + clean : clean } ?? "_"
    }

    static func labelValue(_ text: String) -> String {
        var output = ""
        for scalar in text.prefix(bytes: labelBytesMax).unicodeScalars {
            switch scalar {
            case "\\": output += #"\\"#
            case "\"": output += #"\""#
            case "\n": output += #"\n"#
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    static func help(_ text: String) -> String {
        text.replacing("\\", with: #"\\"#).replacing("\n", with: #"\n"#)
    }

    /// Whole numbers without a fraction, the rest with the fewest digits that say the value.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
