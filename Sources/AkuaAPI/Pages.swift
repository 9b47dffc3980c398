import AkuaModel
import CurlTransport
import JSON

/// One thing of a list, known by its id.
protocol Listed: AnswerReadable, Sendable {
    associatedtype Tag
    var id: Identifier<Tag> { get }
}

extension Workspace: Listed {}
extension Region: Listed {}
extension Cluster: Listed {}
extension Package: Listed {}
extension PackageVersion: Listed {}
extension Product: Listed {}
extension Repository: Listed {}
extension Install: Listed {}
extension Render: Listed {}
extension Operation: Listed {}

/// One page of a list.
struct Page<Item: Listed> {
    var items: [Item]
    /// Where the next page begins; nil on the last one.
    var next: String?
}

extension Page: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        items = try answer.list("data", Item.init(answer:))
        let cursor = try answer.optional("next_cursor", answer.string)
        next = try answer.bool("has_more") ? cursor : nil
        if try answer.bool("has_more"), next?.isEmpty ?? true {
            throw AnswerError("next_cursor", "is missing although has_more is true")
        }
    }
}

/// The pages of one list, put together: bounded, and without an object twice.
///
/// Lists give no snapshot: what moves while we read may be seen twice, and then the later reading holds. What a list
/// leaves out is not proven gone (I10).
struct Pages<Item: Listed> {
    /// Pages of a list at most: a million objects.
    static var pagesMax: Int { 10_000 }
    /// Pages in a row that may bring nothing new.
    static var barrenMax: Int { 10 }

    private(set) var items: [Item] = []
    private var positions: [Identifier<Item.Tag>: Int] = [:]
    private var cursors: Set<String> = []
    private var pageCount = 0
    private var barrenCount = 0

    /// Takes one page in, or says why the list can't go on like this.
    mutating func add(_ page: Page<Item>) throws(AnswerError) {
        let known = items.count
        for item in page.items {
            if let position = positions[item.id] {
                items[position] = item
            } else {
                positions[item.id] = items.count
                items.append(item)
            }
        }
        pageCount += 1
        barrenCount = items.count == known ? barrenCount + 1 : 0
        guard let next = page.next else { return }
        guard cursors.insert(next).inserted else { throw AnswerError("next_cursor", "occurs a second time") }
        guard pageCount < Self.pagesMax else { throw AnswerError("has_more", "after \(Self.pagesMax) pages") }
        guard barrenCount < Self.barrenMax else {
            throw AnswerError("has_more", "after \(Self.barrenMax) pages without anything new")
        }
    }
}

/// A look at the end of a page for the cursor that most probably is there, without reading the page.
///
/// Lets the next page be asked for while this one is read; whoever uses the guess compares it with what was read.
enum CursorGuess {
    /// Bytes at the end of a page that are looked at.
    private static let tailMax = 2_048
    private static let hasMore = Array("has_more".utf8)
    private static let nextCursor = Array("next_cursor".utf8)

    static func next(in body: [UInt8]) -> String? {
        let tail = body.suffix(tailMax)
        guard member(hasMore, in: tail)?.starts(with: "true".utf8) == true,
            let cursor = member(nextCursor, in: tail), cursor.first == UInt8(ascii: "\"")
        else { return nil }
        let text = cursor.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        guard !text.isEmpty, text.endIndex < tail.endIndex, !text.contains(UInt8(ascii: "\\")) else { return nil }
        return String(validating: text, as: UTF8.self)
    }

    /// What follows the last occurrence of the name with its colon.
    private static func member(_ name: [UInt8], in tail: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        // From the back, by the closing quote: there are few of them before the one that is looked for.
        var end = tail.endIndex
        while let quote = tail[..<end].lastIndex(of: UInt8(ascii: "\"")) {
            let begin = quote - name.count
            if begin > tail.startIndex, tail[begin - 1] == UInt8(ascii: "\""), tail[begin..<quote].elementsEqual(name) {
                let rest = tail[(quote + 1)...].drop(while: isSpace)
                guard rest.first == UInt8(ascii: ":") else { return nil }
                return rest.dropFirst().drop(while: isSpace)
            }
            end = quote
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
