package import JSON

/// What a command asks of the running daemon.
package enum ControlRequest: Equatable, Sendable {
    /// Release exactly the blocked set with this digest, once.
    case allow(digest: String, source: String?)
    /// Disown an object without deleting it.
    case release(kind: String, name: String, source: String?)
    /// Reconcile now; all sources when none is named.
    case trigger(source: String?)
    /// Write nothing for a source until resumed, or until `until` (seconds since 1970).
    case suspend(source: String?, reason: String, until: Int?)
    case resume(source: String?)

    /// The command's name on the command line.
    package var command: String {
        switch self {
        case .allow: "allow"
        case .release: "release"
        case .trigger: "trigger"
        case .suspend: "suspend"
        case .resume: "resume"
        }
    }
}

/// What the daemon answers.
package enum ControlReply: Equatable, Sendable {
    /// Done, or under way; a sentence for people and data for programs.
    case done(message: String, details: JSONValue?)
    /// Not done: a code and a sentence.
    case refused(code: String, message: String)
}

/// A message over the control socket that says nothing we know.
package struct ControlMessageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    package var problem: String

    package var description: String { "not a message that this version understands: \(problem)" }
}

extension ControlRequest {
    /// The version of the messages; another one is refused rather than guessed at.
    static let version = 1

    /// The message as one JSON object.
    package var json: JSONValue {
        var object = JSONObject()
        object["v"] = .number(JSONNumber(Self.version))
        object["command"] = .string(command)
        switch self {
        case .allow(let digest, let source):
            object["digest"] = .string(digest)
            object["source"] = source.map(JSONValue.string)
        case .release(let kind, let name, let source):
            object["kind"] = .string(kind)
            object["name"] = .string(name)
            object["source"] = source.map(JSONValue.string)
        case .trigger(let source), .resume(let source):
            object["source"] = source.map(JSONValue.string)
        case .suspend(let source, let reason, let until):
            object["source"] = source.map(JSONValue.string)
            object["reason"] = .string(reason)
            object["until"] = until.map { .number(JSONNumber($0)) }
        }
        return .object(object)
    }

    /// Reads a message strictly: a name that is not of the command is an error, so nothing is accepted and ignored.
    package init(json: JSONValue) throws(ControlMessageError) {
        var fields = try ControlFields(json)
        let command = try fields.requiredString("command")
        switch command {
        case "allow":
            self = .allow(digest: try fields.requiredString("digest"), source: try fields.string("source"))
        case "release":
            self = .release(
                kind: try fields.requiredString("kind"), name: try fields.requiredString("name"),
                source: try fields.string("source"))
        case "trigger": self = .trigger(source: try fields.string("source"))
        case "suspend":
            self = .suspend(
                source: try fields.string("source"), reason: try fields.requiredString("reason"),
                until: try fields.int("until"))
        case "resume": self = .resume(source: try fields.string("source"))
        default: throw ControlMessageError(problem: "there is no command '\(command)'")
        }
        try fields.end()
    }
}

extension ControlReply {
    /// The message as one JSON object.
    package var json: JSONValue {
        var object = JSONObject()
        object["v"] = .number(JSONNumber(ControlRequest.version))
        switch self {
        case .done(let message, let details):
            object["ok"] = true
            object["message"] = .string(message)
            object["details"] = details
        case .refused(let code, let message):
            object["ok"] = false
            object["code"] = .string(code)
            object["message"] = .string(message)
        }
        return .object(object)
    }

    /// Reads a daemon's answer.
    package init(json: JSONValue) throws(ControlMessageError) {
        var fields = try ControlFields(json)
        let message = try fields.requiredString("message")
        switch fields.take("ok") {
        case true: self = .done(message: message, details: fields.take("details"))
        case false: self = .refused(code: try fields.requiredString("code"), message: message)
        default: throw ControlMessageError(problem: "'ok' is missing or no boolean")
        }
    }
}

/// The members of a message, taken one by one.
private struct ControlFields {
    private var object: JSONObject

    init(_ json: JSONValue) throws(ControlMessageError) {
        guard let object = json.object else { throw ControlMessageError(problem: "it is \(json.kind), not an object") }
        self.object = object
        let version = take("v")?.number?.int
        guard version == ControlRequest.version else {
            let written = version.map(String.init) ?? "missing"
            throw ControlMessageError(problem: "its version is \(written), not \(ControlRequest.version)")
        }
    }

    mutating func take(_ name: String) -> JSONValue? {
        defer { object[name] = nil }
        return object[name]
    }

    mutating func string(_ name: String) throws(ControlMessageError) -> String? {
        guard let value = take(name), !value.isNull else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw ControlMessageError(problem: "'\(name)' is \(value.kind) or empty, not a text")
        }
        return text
    }

    mutating func requiredString(_ name: String) throws(ControlMessageError) -> String {
        guard let text = try string(name) else { throw ControlMessageError(problem: "'\(name)' is missing") }
        return text
    }

    mutating func int(_ name: String) throws(ControlMessageError) -> Int? {
        guard let value = take(name), !value.isNull else { return nil }
        guard let number = value.number?.int else {
            throw ControlMessageError(problem: "'\(name)' is \(value.kind), not a whole number")
        }
        return number
    }

    func end() throws(ControlMessageError) {
        if let name = object.names.first { throw ControlMessageError(problem: "'\(name)' is not known") }
    }
}
