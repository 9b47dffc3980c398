import AkuaModel
import JSON

/// Why an answer can't be what the call asked for: what is wrong, and where in it.
struct AnswerError: Error, Equatable {
    /// Such as `data[3].customer_workspace.id`; empty for the answer as a whole.
    var path: String
    var problem: String

    init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    /// The same, seen from the value that holds the place as `element`.
    func inside(_ element: String) -> AnswerError {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return AnswerError(element + separator + path, problem)
    }
}

/// A thing of the platform that can be read out of an answer.
protocol AnswerReadable {
    init(answer: Answer) throws(AnswerError)
}

/// An object in an answer, whose members are read by name.
///
/// Members nobody asks for may be anything, words of a set may be new; a member that is asked for is there and of its
/// type, or the answer is not what it should be (R17).
struct Answer {
    private let object: JSONObject

    init(_ value: JSONValue) throws(AnswerError) {
        guard case .object(let object) = value else { throw AnswerError("", "should be an object, not \(value.kind)") }
        self.object = object
    }

    func string(_ name: String) throws(AnswerError) -> String {
        let value = try value(name)
        guard case .string(let text) = value else { throw Self.mismatch(name, "a string", value) }
        return text
    }

    func bool(_ name: String) throws(AnswerError) -> Bool {
        let value = try value(name)
        guard case .bool(let flag) = value else { throw Self.mismatch(name, "a boolean", value) }
        return flag
    }

    func id<Tag>(_ name: String) throws(AnswerError) -> Identifier<Tag> {
        guard let id = Identifier<Tag>(try string(name)) else { throw AnswerError(name, "can't be an id") }
        return id
    }

    func etag(_ name: String = "etag") throws(AnswerError) -> ETag {
        guard let etag = ETag(try string(name)) else { throw AnswerError(name, "can't be an etag") }
        return etag
    }

    func word<Known>(_ name: String) throws(AnswerError) -> Open<Known> { Open(try string(name)) }

    func timestamp(_ name: String) throws(AnswerError) -> Timestamp {
        let value = try value(name)
        guard case .number(let number) = value, let seconds = number.int, seconds >= 0 else {
            throw AnswerError(name, "should be a whole number that is not negative")
        }
        return Timestamp(secondsOrMilliseconds: seconds)
    }

    func object(_ name: String) throws(AnswerError) -> JSONObject {
        let value = try value(name)
        guard case .object(let object) = value else { throw Self.mismatch(name, "an object", value) }
        return object
    }

    /// Reads the object called `name`.
    func nested<Result>(
        _ name: String, _ read: (Answer) throws(AnswerError) -> Result
    ) throws(AnswerError) -> Result {
        let value = try value(name)
        do { return try read(try Answer(value)) } catch { throw error.inside(name) }
    }

    /// Reads each of the objects in the array called `name`.
    func list<Item>(
        _ name: String, _ read: (Answer) throws(AnswerError) -> Item
    ) throws(AnswerError) -> [Item] {
        let value = try value(name)
        guard case .array(let values) = value else { throw Self.mismatch(name, "an array", value) }
        var items: [Item] = []
        items.reserveCapacity(values.count)
        for (position, value) in values.enumerated() {
            do {
                items.append(try read(try Answer(value)))
            } catch {
                throw error.inside("\(name)[\(position)]")
            }
        }
        return items
    }

    /// What `read` makes of the member, or nil when there is none or it is null.
    func optional<Result>(
        _ name: String, _ read: (String) throws(AnswerError) -> Result
    ) throws(AnswerError) -> Result? {
        guard let value = object[name], !value.isNull else { return nil }
        return try read(name)
    }

    /// The member as it is.
    func value(_ name: String) throws(AnswerError) -> JSONValue {
        guard let value = object[name] else { throw AnswerError(name, "is missing") }
        return value
    }

    private static func mismatch(_ name: String, _ expected: String, _ value: JSONValue) -> AnswerError {
        AnswerError(name, "should be \(expected), not \(value.kind)")
    }
}
