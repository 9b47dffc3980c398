internal import JSON

/// Steps into a JSON document, as RFC 6901 writes them.
enum JSONPointer {
    /// The name of a member as one step: `/` and `~` are spelt `~1` and `~0`.
    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    /// The steps of a pointer that is empty or begins with `/`.
    static func steps(of pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { $0.contains("~") ? String($0.replacing("~1", with: "/").replacing("~0", with: "~")) : String($0) }
    }

    /// What is one step below a value, or nil when nothing is.
    static func child(of value: JSONValue, at step: String) -> JSONValue? {
        switch value {
        case .object(let members): members[step]
        case .array(let items):
            // RFC 6901: an index has no sign and no leading zero.
            Int(step).flatMap { items.indices.contains($0) && String($0) == step ? items[$0] : nil }
        default: nil
        }
    }
}
