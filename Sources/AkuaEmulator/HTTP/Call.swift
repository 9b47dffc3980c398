import Foundation
import JSON

/// One request of the API, read and admitted: what a route works on.
struct Call: Sendable {
    /// The ids of the path, by their names in the template.
    var parameters: [String: String] = [:]
    var query = Query()
    /// Nil when the request had no body.
    var body: JSONValue?
    var scope: Scope
    var idempotencyKey: String?
    /// As sent, quotes included.
    var ifMatch: String?

    /// The workspace that the call is about.
    ///
    /// Empty only for calls that are not about one.
    var workspace: String { scope.workspace ?? "" }

    /// An id of the path.
    func id(_ name: String = "id") -> String { parameters[name] ?? "" }
}

/// The names and values behind the question mark, decoded.
struct Query: Sendable {
    private var values: [String: String] = [:]

    init() {}

    /// Reads names and values as a form writes them, so that a plus sign is a space.
    ///
    /// Nil when an escape is broken or a name occurs twice.
    init?(_ text: Substring) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { String($0).replacing("+", with: " ").removingPercentEncoding }
            guard let name = decoded[0], let value = decoded.count > 1 ? decoded[1] : "", values[name] == nil
            else { return nil }
            values[name] = value
        }
    }

    subscript(name: String) -> String? { values[name] }
    var names: [String] { values.keys.sorted() }

    /// A whole number within `range`, or nil when it is absent.
    func number(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .badRequest(
                "query.\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).",
                at: ["query", name])
        }
        return number
    }

    /// One of the words, or nil when it is absent.
    func word(_ name: String, of words: [String]) throws(Refusal) -> String? {
        guard let text = values[name] else { return nil }
        guard words.contains(text) else {
            throw .badRequest(
                "query.\(name) must be one of \(words.joined(separator: ", ")).", at: ["query", name])
        }
        return text
    }
}

/// What a route answers.
struct Answer: Sendable {
    /// One object that the call made or changed, for the request log.
    struct Effect: Sendable, Equatable {
        var kind: Kind
        var id: String
        /// `created`, `changed`, `deleted` or `started`.
        var change: String
    }

    var status: Int
    var body: [UInt8] = []
    var effects: [Effect] = []
    /// What a repeated key is to be answered with.
    var replay: ReceiptRecord.Replay?
    /// Whether this answers a key that was used before.
    var isReplay = false
}
