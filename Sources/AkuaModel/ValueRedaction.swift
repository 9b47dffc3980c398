import Foundation
package import JSON

/// Takes the values of an install out of what others say, such as the platform that quotes one in a refusal (I11).
package struct ValueRedaction: Sendable {
    /// What stands in the place of a value.
    package static let placeholder = "<value>"
    /// A shorter text says nothing, and is found in every word.
    private static let bytesMin = 4

    /// Longest first, so that none is left in pieces by another that is a part of it.
    private let secrets: [String]

    /// Hides every text among these values, whatever its depth, also where it stands percent-encoded or in base64.
    package init(values: [JSONValue]) {
        var found: Set<String> = []
        for value in values { Self.collect(value, into: &found) }
        secrets = Self.longestFirst(found)
    }

    /// Hides the values that the body of a request carries: those of an install, or of a chart.
    package init(body: [UInt8]?) {
        let members = body.flatMap { try? JSONReader.read($0) }?.object  // A body of ours is JSON, or there is none.
        let charts = (members?["sources"]?.array ?? []).compactMap { $0["values"] }
        self.init(values: charts + [members?["initial_values"]].compactMap(\.self))
    }

    /// The text without the values.
    package func clean(_ text: String) -> String {
        Self.hide(secrets, in: text, behind: Self.placeholder)
    }

    /// The text without one secret, however it is spelled.
    package static func hide(_ secret: String, in text: String, behind placeholder: String) -> String {
        hide(longestFirst(spellings(of: secret)), in: text, behind: placeholder)
    }

    private static func hide(_ secrets: [String], in text: String, behind placeholder: String) -> String {
        var clean = text
        let decoded = text.utf8.contains(UInt8(ascii: "%")) ? PercentDecoded(text).text : nil
        for secret in secrets {
            if clean.contains(secret) { clean = clean.replacing(secret, with: placeholder) }
            if let decoded, decoded.contains(secret) {
                clean = PercentDecoded(clean).hiding(secret, behind: placeholder)
            }
        }
        return clean
    }

    private static func longestFirst(_ texts: Set<String>) -> [String] {
        texts.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// How a text may stand in another: as it is, as JSON quotes it, or in base64.
    private static func spellings(of text: String) -> Set<String> {
        var found: Set<String> = [text, String(JSONWriter().text(of: .string(text)).dropFirst().dropLast())]
        let bytes = Data(text.utf8)
        var encoded = [bytes.base64EncodedString()]
        // In the middle of something longer a group may begin at any of three bytes, and the first and the last group have
        // bytes of the neighbours: those between are its own.
        for skipped in 0..<3 {
            let groups = (bytes.count - skipped) / 3
            guard groups >= base64GroupsMin else { continue }
            encoded.append(bytes.dropFirst(skipped).prefix(groups * 3).base64EncodedString())
        }
        for form in encoded {
            found.formUnion([form, form.replacing("+", with: "-").replacing("/", with: "_")])
        }
        return found
    }

    /// Fewer groups of base64 than these are found in many an id.
    private static let base64GroupsMin = 3

    private static func collect(_ value: JSONValue, into found: inout Set<String>) {
        switch value {
        case .string(let text):
            guard text.utf8.count >= bytesMin else { return }
            found.formUnion(spellings(of: text))
        case .number(let number) where number.text.utf8.count >= bytesMin: found.insert(number.text)
        case .array(let items): for item in items { collect(item, into: &found) }
        case .object(let object): for member in object.members { collect(member.value, into: &found) }
        case .null, .bool, .number: return
        }
    }
}

/// A text before it was percent-encoded, as far as it was: what is left as it is differs from encoder to encoder.
private struct PercentDecoded {
    private let encoded: [UInt8]
    private var plain: [UInt8] = []
    /// Where each byte of ``plain`` begins in ``encoded``; the end stands for one more.
    private var starts: [Int] = []

    init(_ text: String) {
        encoded = Array(text.utf8)
        var index = 0
        while index < encoded.count {
            starts.append(index)
            let digits = encoded[index...].dropFirst().prefix(2)
            if encoded[index] == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                plain.append(value)
                index += 3
            } else {
                plain.append(encoded[index])
                index += 1
            }
        }
        starts.append(index)
    }

    var text: String { String(decoding: plain, as: UTF8.self) }

    /// The encoded text without a secret.
    func hiding(_ secret: String, behind placeholder: String) -> String {
        let wanted = Array(secret.utf8)
        var (clean, position): ([UInt8], Int) = ([], 0)
        while position < plain.count {
            if plain[position...].starts(with: wanted) {
                clean += placeholder.utf8
                position += wanted.count
            } else {
                clean += encoded[starts[position]..<starts[position + 1]]
                position += 1
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }
}
