import Foundation
import JSON

/// Where the next page begins: opaque to clients, and with characters that must be escaped in a query.
struct Cursor: Equatable {
    /// Tells the list and its filters from others.
    var list: UInt64
    /// The serial of the last object, or the position in a distorted walk.
    var position: Int
    /// The distorted walk it belongs to.
    var walk: Int?

    init(list: UInt64, position: Int, walk: Int? = nil) {
        self.list = list
        self.position = position
        self.walk = walk
    }

    /// Nil when the text is not one of ours.
    init?(_ text: String) {
        guard text.hasPrefix("+/"), text.hasSuffix("&="),
            let data = Data(base64Encoded: String(text.dropFirst(2).dropLast(2)))
        else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let list = UInt64(parts[0], radix: 36), let position = Int(parts[1]) else { return nil }
        self.init(list: list, position: position, walk: Int(parts[2]))
    }

    var text: String {
        let walk = walk.map(String.init) ?? ""
        return "+/" + Data("\(String(list, radix: 36)).\(position).\(walk)".utf8).base64EncodedString() + "&="
    }
}

/// Which objects of a table a list shows, in which order and how.
struct Listing<R: Record> {
    var key: ListKey
    var newestFirst = false
    /// Names what ``includes`` and ``wire`` depend on, so that a cursor is good for its own list alone.
    var filter = ""
    var includes: (R) -> Bool = { _ in true }
    /// How each object is shown, if not as usual.
    var wire: ((R, WireStyle) -> JSONValue)?

    var fingerprint: UInt64 { Fingerprint.number("\(key.text) \(filter)".utf8) }
}

extension World {
    /// One page of a list, as asked for by `limit` and `cursor`.
    mutating func page<R: Record>(
        _ table: WritableKeyPath<World, Table<R>>, _ listing: Listing<R>, of call: Call
    ) throws(Refusal) -> Answer {
        let asked = try call.query.number("limit", in: 1...100) ?? 50
        let limit = switches.listPageMax > 0 ? min(asked, switches.listPageMax) : asked
        let list = listing.fingerprint
        var cursor: Cursor?
        if let text = call.query["cursor"] {
            cursor = Cursor(text)
            guard cursor?.list == list else {
                throw .badRequest("query.cursor is not a cursor of this list.", at: ["query", "cursor"])
            }
        }
        if switches.distortsLists || cursor?.walk != nil {
            return distortedPage(cursor, list: list, limit: limit) { world in
                let all = world[keyPath: table].all(in: listing.key).filter(listing.includes)
                return (listing.newestFirst ? all.reversed() : all).map { world.item($0, of: table, listing) }
            }
        }
        let found = self[keyPath: table].walk(
            listing.key, after: cursor?.position, newestFirst: listing.newestFirst, count: limit,
            where: listing.includes)
        var items: [[UInt8]] = []
        items.reserveCapacity(found.records.count)
        for record in found.records { items.append(item(record, of: table, listing)) }
        let next = found.hasMore ? found.records.last.map { Cursor(list: list, position: $0.serial) } : nil
        return Self.page(of: items, next: next)
    }

    /// One object as the list shows it.
    private mutating func item<R: Record>(
        _ record: R, of table: WritableKeyPath<World, Table<R>>, _ listing: Listing<R>
    ) -> [UInt8] {
        guard let wire = listing.wire else { return self[keyPath: table].wire(of: record.id, style) }
        return JSONWriter().bytes(of: wire(record, style))
    }

    private mutating func distortedPage(
        _ cursor: Cursor?, list: UInt64, limit: Int, current: (inout World) -> [[UInt8]]
    ) -> Answer {
        let walk: Int
        if let known = cursor?.walk {
            walk = known
        } else {
            walk = distortion.begin(list: list, items: current(&self), switches)
        }
        let position = cursor?.position ?? 0
        let (items, hasMore) = distortion.items(of: walk, from: position, count: limit, switches)
        let next = hasMore ? Cursor(list: list, position: position + items.count, walk: walk) : nil
        return Self.page(of: items, next: next)
    }

    /// The envelope of a page, around objects that are JSON already.
    private static func page(of items: [[UInt8]], next: Cursor?) -> Answer {
        var body: [UInt8] = []
        body.reserveCapacity(items.reduce(128) { $0 + $1.count + 1 })
        body += #"{"data":["#.utf8
        for (position, item) in items.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body += item
        }
        body += #"],"has_more":\#(next != nil),"next_cursor":"#.utf8
        body += JSONWriter().bytes(of: JSONValue(orNull: next?.text))
        body.append(UInt8(ascii: "}"))
        return Answer(status: 200, body: body)
    }
}
