/// The members of a JSON object, in the order they were written; a name occurs once.
///
/// Names are told apart by their bytes. Small objects, which most are, are searched in line; beyond ``indexedFrom`` members an index is kept.
package struct JSONObject: Sendable {
    /// One name with its value.
    package typealias Member = (name: String, value: JSONValue)

    /// The number of members from which an index is worth its memory.
    private static let indexedFrom = 16

    package private(set) var members: [Member] = []
    private var index: [Name: Int]?

    package init() {}

    /// Empty, with room for so many members.
    init(minimumCapacity: Int) { members.reserveCapacity(minimumCapacity) }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    /// The names in the order written.
    package var names: [String] { members.map(\.name) }

    /// The value of that name; assigning nil removes the member, assigning to a new name appends it.
    package subscript(name: String) -> JSONValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                reindex()
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends a member and answers true, or answers false and changes nothing when the name is taken.
    package mutating func insertNew(_ name: String, _ value: JSONValue) -> Bool {
        guard position(of: name) == nil else { return false }
        append(name, value)
        return true
    }

    /// Where in ``members`` the name is, or nil.
    package func position(of name: String) -> Int? {
        if let index { return index[Name(text: name)] }
        return members.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    private mutating func append(_ name: String, _ value: JSONValue) {
        members.append((name, value))
        if index != nil {
            index?[Name(text: name)] = members.count - 1
        } else if members.count >= Self.indexedFrom {
            reindex()
        }
    }

    private mutating func reindex() {
        guard members.count >= Self.indexedFrom else {
            index = nil
            return
        }
        index = [:]
        for (position, member) in members.enumerated() { index?[Name(text: member.name)] = position }
    }
}

extension JSONObject {
    /// A name as a key: two that look alike but are spelt with other code points are different names.
    private struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.hasSameBytes(as: right.text) }

        /// Canonically equivalent texts hash alike, so this holds for byte-wise equality too.
        func hash(into hasher: inout Hasher) { hasher.combine(text) }
    }
}

extension JSONObject: Equatable, Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var combined = 0
        for member in members {
            var one = Hasher()
            one.combine(member.name)
            one.combine(member.value)
            combined ^= one.finalize()
        }
        hasher.combine(combined)
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
}
