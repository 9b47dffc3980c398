import JSON

/// What the emulator keeps of one object.
protocol Record: Codable, Sendable {
    static var kind: Kind { get }
    var id: String { get }
    /// Its place in the order in which everything here came into being, from 1.
    var serial: Int { get }
    /// The lists that it stands in, for all its life.
    var lists: [ListKey] { get }
    /// What the API shows of it.
    func wire(_ style: WireStyle) -> JSONValue
}

extension Record {
    var lists: [ListKey] { [] }
    func wire(_ style: WireStyle) -> JSONValue { nil }
}

/// A record that belongs to a workspace.
protocol Owned: Record {
    var workspace: String { get }
}

/// A record with an etag: every change of it is a new revision.
protocol Versioned: Record {
    var revision: Int { get set }
    var updatedAt: Int { get set }
}

/// Names one list, such as all installs of a workspace or all renders of an install.
struct ListKey: Hashable, Sendable {
    let text: String

    init(_ kind: Kind, of owner: String) { text = "\(kind.rawValue)@\(owner)" }
}

/// All records of one kind, with the lists they stand in and the bytes that the API shows of them.
///
/// A list page costs what it holds, not what exists: lists are kept in order of creation, and an object is encoded
/// once for each change of it.
struct Table<R: Record>: Sendable {
    private(set) var records: [String: R] = [:]
    private var lists: [ListKey: [Place]] = [:]
    private var wires: [String: [UInt8]] = [:]
    /// The ids that changed since ``takeChanges()``.
    private var changed: Set<String> = []

    /// An entry of a list.
    private struct Place {
        var serial: Int
        var id: String
    }

    subscript(id: String) -> R? { records[id] }
    var count: Int { records.count }

    mutating func insert(_ record: R) {
        for key in record.lists { lists[key, default: []].append(Place(serial: record.serial, id: record.id)) }
        records[record.id] = record
        changed.insert(record.id)
    }

    /// Changes the record of that id in place; nothing happens when there is none.
    mutating func update(_ id: String, _ change: (inout R) -> Void) {
        guard let index = records.index(forKey: id) else { return }
        change(&records.values[index])
        wires[id] = nil
        changed.insert(id)
    }

    mutating func remove(_ id: String) {
        guard let record = records.removeValue(forKey: id) else { return }
        for key in record.lists {
            guard let places = lists[key] else { continue }
            let position = Self.position(of: record.serial, in: places)
            guard position < places.count, places[position].serial == record.serial else { continue }
            lists[key]?.remove(at: position)
        }
        wires[id] = nil
        changed.insert(id)
    }

    /// Takes in records that were stored, in any order.
    mutating func restore(_ stored: [R]) {
        for record in stored.sorted(by: { $0.serial < $1.serial }) { insert(record) }
        changed = []
    }

    /// The ids that changed since the last call; a record that is gone has no entry in ``records``.
    mutating func takeChanges() -> Set<String> {
        defer { changed = [] }
        return changed
    }

    /// Encodes everything anew when it is next asked for; the way of showing it has changed.
    mutating func forgetWires() { wires = [:] }

    /// What the API shows of that object, as JSON text.
    mutating func wire(of id: String, _ style: WireStyle) -> [UInt8] {
        if let known = wires[id] { return known }
        guard let record = records[id] else { return [] }
        let bytes = JSONWriter().bytes(of: record.wire(style))
        wires[id] = bytes
        return bytes
    }

    /// Whether that list has any entry.
    func isEmpty(_ key: ListKey) -> Bool { lists[key]?.isEmpty ?? true }

    /// All records of a list, oldest first.
    func all(in key: ListKey) -> [R] { (lists[key] ?? []).compactMap { records[$0.id] } }

    /// The newest record of a list.
    func newest(in key: ListKey) -> R? { lists[key]?.last.flatMap { records[$0.id] } }

    /// Up to `count` records of a list beyond the one of `serial`, and whether more follow.
    func walk(
        _ key: ListKey, after serial: Int?, newestFirst: Bool, count: Int, where includes: (R) -> Bool
    ) -> (records: [R], hasMore: Bool) {
        guard let places = lists[key] else { return ([], false) }
        var found: [R] = []
        var position: Int
        if newestFirst {
            position = serial.map { Self.position(of: $0, in: places) - 1 } ?? places.count - 1
        } else {
            position = serial.map { Self.position(of: $0 + 1, in: places) } ?? 0
        }
        while places.indices.contains(position) {
            if let record = records[places[position].id], includes(record) {
                if found.count == count { return (found, true) }
                found.append(record)
            }
            position += newestFirst ? -1 : 1
        }
        return (found, false)
    }

    /// Where the first entry with at least this serial stands.
    private static func position(of serial: Int, in places: [Place]) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].serial < serial { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
