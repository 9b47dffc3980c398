import AkuaModel
import Foundation
import GRDB
import JSON

/// A record that fills one row of a table.
///
/// Records are dumb: what a row may hold is said in the schema. `write` and `init` name the columns in the table's order.
protocol StoredRecord: Sendable {
    static var table: Table { get }
    init(from row: inout RowReader) throws
    func write(to row: inout RowWriter)
}

/// A table with the statements that read and write it.
struct Table: Sendable {
    let name: String
    /// In the order in which records write and read them; the checksum, which is last in each row, is left out.
    let columns: [String]
    /// Reads the columns; a clause is to follow.
    let select: String
    /// Inserts a row or replaces the one with the same key.
    let upsert: String

    /// The columns that name an object: equality and order of its history start with them.
    static let identity = ["source", "kind", "name", "workspace"]

    init(_ name: String, key: [String], columns: [String]) {
        let quoted = columns.map { "\"\($0)\"" }
        let rest = (columns.filter { !key.contains($0) } + ["checksum"]).map { "\"\($0)\" = excluded.\"\($0)\"" }
        self.name = name
        self.columns = columns
        select = "SELECT \(quoted.joined(separator: ", ")) FROM \(name)"
        upsert = """
            INSERT INTO \(name) (\(quoted.joined(separator: ", ")), checksum)
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")), ?)
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(rest.joined(separator: ", "))
            """
    }
}

extension StoredRecord {
    func upsert(in db: Database) throws {
        var row = RowWriter()
        write(to: &row)
        let checksum = Checksum.of(row.values).databaseValue
        try db.cachedStatement(sql: Self.table.upsert).execute(arguments: StatementArguments(row.values + [checksum]))
    }

    /// The records that `clause` selects and orders.
    static func fetch(_ clause: String, _ arguments: StatementArguments = [], in db: Database) throws -> [Self] {
        var records: [Self] = []
        try forEach(clause, arguments, in: db) { records.append($0) }
        return records
    }

    /// Hands the records that `clause` selects and orders to `body`, one at a time.
    static func forEach(
        _ clause: String, _ arguments: StatementArguments, in db: Database, _ body: (Self) -> Void
    ) throws {
        let statement = try db.cachedStatement(sql: "\(table.select) \(clause)")
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var reader = RowReader(table)
        while let row = try rows.next() {
            reader.begin(row)
            body(try Self(from: &reader))
        }
    }
}

/// Collects one row's values in the order of its table's columns.
struct RowWriter {
    private(set) var values: [DatabaseValue] = []

    mutating func append(_ text: String?) {
        // SQLite's texts end at a NUL, and a text that reads back shorter would look like damage.
        guard let text, text.utf8.contains(0) else { return values.append(text.databaseValue) }
        values.append(text.replacing("\0", with: "\u{FFFD}").databaseValue)
    }

    mutating func append(_ number: Int?) { values.append(number.databaseValue) }
    mutating func append(_ flag: Bool) { values.append(flag.databaseValue) }
    mutating func append(_ bytes: [UInt8]?) { values.append(bytes.map { Data($0) }.databaseValue) }
    mutating func append<Tag>(_ id: Identifier<Tag>?) { append(id?.text) }
    mutating func append(_ json: JSONValue?) { append(json.map { JSONWriter().text(of: $0) }) }

    mutating func append<Word: RawRepresentable>(_ word: Word?) where Word.RawValue == String {
        append(word?.rawValue)
    }

    mutating func append(_ identity: Identity) {
        append(identity.source)
        append(identity.kind)
        append(identity.name)
        append(identity.workspace)
    }
}

/// Hands out one row's values in the order of its table's columns.
struct RowReader {
    /// The value of a column is none that this version writes.
    struct Unreadable: Error { var table: String, column: String }

    private let table: Table
    private var row = Row()
    private var position = 0
    /// The last text of each column: most rows have the same source, kind and commit, and then share it.
    private var texts: [String?]

    init(_ table: Table) {
        self.table = table
        texts = Array(repeating: nil, count: table.columns.count)
    }

    mutating func begin(_ row: Row) {
        self.row = row
        position = 0
    }

    mutating func text() throws -> String {
        let text: String = try next()
        return shared(text)
    }

    mutating func optionalText() throws -> String? {
        guard let text: String = try next() else { return nil }
        return shared(text)
    }

    mutating func integer() throws -> Int { try next() }
    mutating func optionalInteger() throws -> Int? { try next() }
    mutating func flag() throws -> Bool { try next() }
    mutating func optionalBytes() throws -> [UInt8]? { try (next() as Data?).map { [UInt8]($0) } }

    mutating func id<Tag>() throws -> Identifier<Tag> {
        let text = try text()
        return try required(Identifier(text))
    }

    mutating func optionalID<Tag>() throws -> Identifier<Tag>? {
        guard let text = try optionalText() else { return nil }
        return try required(Identifier(text))
    }

    mutating func word<Word: RawRepresentable>() throws -> Word where Word.RawValue == String {
        let text = try text()
        return try required(Word(rawValue: text))
    }

    mutating func optionalWord<Word: RawRepresentable>() throws -> Word? where Word.RawValue == String {
        guard let text = try optionalText() else { return nil }
        return try required(Word(rawValue: text))
    }

    mutating func optionalJSON() throws -> JSONValue? {
        guard let text = try optionalText() else { return nil }
        do {
            return try JSONReader.read(text)
        } catch {
            throw unreadable
        }
    }

    mutating func jsonObject() throws -> JSONObject {
        let value = try optionalJSON()
        return try required(value?.object)
    }

    mutating func identity() throws -> Identity {
        let (source, kind, name) = (try text(), try text(), try text())
        return Identity(workspace: try id(), source: source, kind: kind, name: name)
    }

    private mutating func shared(_ text: String) -> String {
        if let last = texts[position - 1], last.isSpelt(like: text) { return last }
        texts[position - 1] = text
        return text
    }

    /// The value, or the error that the column just read has none.
    func required<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw unreadable }
        return value
    }

    private var unreadable: Unreadable { Unreadable(table: table.name, column: table.columns[position - 1]) }

    private mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>() throws -> Value {
        position += 1
        do {
            return try row.decode(atIndex: position - 1)
        } catch {
            throw unreadable
        }
    }
}

extension String {
    /// Whether the bytes are the same; `==` also holds for texts that mean the same in other bytes.
    fileprivate func isSpelt(like other: String) -> Bool {
        let (own, others) = (utf8.span, other.utf8.span)
        guard own.count == others.count else { return false }
        for index in own.indices where own[index] != others[index] { return false }
        return true
    }
}
