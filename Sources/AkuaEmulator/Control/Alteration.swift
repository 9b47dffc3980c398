import JSON

/// What becomes of a true answer on its way: how a platform, or something in front of it, can be wrong about what it has
/// done.
///
/// An answer that is no success, or that a change does not fit, stays as it is.
package enum Alteration: String, Sendable, CaseIterable {
    /// Half of the body, said to be all of it.
    case truncated
    /// Texts become numbers, and everything else texts.
    case wrongTypes = "wrong_types"
    /// Members that have to be there are null.
    case nulls
    /// Members that have to be there are not.
    case missing
    /// Members that no document names.
    case extraFields = "extra_fields"
    /// States and the like in words that no document names.
    case unknownWords = "unknown_words"
    /// Every member twice.
    case duplicateKeys = "duplicate_keys"
    /// A member of ten thousand arrays in each other.
    case deepNesting = "deep_nesting"
    /// A text with half a character.
    case loneSurrogate = "lone_surrogate"
    /// The ids are those of other objects.
    case otherID = "other_id"
    /// Said to be plain text.
    case plainText = "plain_text"
    /// Seventy megabytes of space before the end.
    case padded
    /// A page that says that there is more, and where, but leads to itself.
    case sameCursor = "same_cursor"
    /// A page that says each time that there is more elsewhere.
    case endlessCursor = "endless_cursor"
    /// A page that says that there is more, and not where.
    case noCursor = "no_cursor"
    /// An operation that runs is said to have succeeded.
    case doneEarly = "done_early"
}

extension Alteration {
    private static let paddingBytes = 70 << 20
    private static let depth = 10_000

    /// The answer that is sent in place of `reply`; `number` is different for each request.
    func applied(to reply: Reply, number: Int) -> Reply {
        var altered = reply
        switch self {
        case .sameCursor: return page(reply, leadingTo: "again")
        case .endlessCursor: return page(reply, leadingTo: "more-\(number)")
        case .noCursor: return page(reply, leadingTo: nil)
        case .truncated where reply.isSuccess: altered.body = Array(reply.body.prefix(reply.body.count / 2))
        case .plainText where reply.isSuccess:
            altered.headers.removeAll { $0.name == "content-type" }
            altered.headers.append(("content-type", "text/plain"))
        case .padded where reply.isSuccess && !reply.body.isEmpty:
            altered.body.insert(
                contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: Self.paddingBytes), at: reply.body.count - 1)
        case .duplicateKeys: return reply.inserting { Array($0.dropFirst().dropLast()) + [UInt8(ascii: ",")] }
        case .deepNesting:
            let (open, close) = (String(repeating: "[", count: Self.depth), String(repeating: "]", count: Self.depth))
            return reply.inserting { _ in Array(#""deep":\#(open)\#(close),"#.utf8) }
        case .loneSurrogate: return reply.inserting { _ in Array(#""half":"\ud800","#.utf8) }
        case .wrongTypes, .nulls, .missing, .extraFields, .unknownWords, .otherID, .doneEarly:
            return reply.changingObjects(changed)
        case .truncated, .plainText, .padded: break
        }
        return altered
    }

    /// One object of an answer.
    private func changed(_ object: JSONObject) -> JSONObject {
        var changed = object
        for (name, value) in object {
            switch self {
            case .wrongTypes: changed[name] = value.string == nil ? "text" : 7
            case .nulls: changed[name] = .null
            case .missing: changed[name] = nil
            case .unknownWords where Self.words.contains(name) && value.string != nil: changed[name] = "unheard_of"
            case .otherID where name == "id": changed[name] = value.string.map { .string("\($0.dropLast())~") }
            // What a mutation answers has its objects one level below.
            case .otherID where ["install", "render"].contains(name):
                changed[name] = value.object.map { .object(self.changed($0)) } ?? value
            default: break
            }
        }
        switch self {
        case .extraFields: changed["unheard_of"] = ["of": [1, nil, "x"]]
        case .doneEarly where object["done"] == false:
            changed["done"] = true
            changed["state"] = "SUCCEEDED"
            let owner = "\(object["owner_type"]?.string ?? "")_id"
            changed["response"] = .object { $0.set(owner, ifPresent: object["owner_id"]) }
        default: break
        }
        return changed
    }

    /// Members whose words may become more.
    private static let words: Set<String> = [
        "state", "status", "owner_type", "provider", "workspace_class", "reconciliation_status",
    ]

    /// A page of a list with this for its end; an empty one where there was a refusal, as of a cursor of ours.
    private func page(_ reply: Reply, leadingTo cursor: String?) -> Reply {
        let body = try? JSONReader.read(reply.body)  // What is no JSON has no page to go on from.
        var page = body?.object ?? JSONObject()
        guard !reply.isSuccess || page["has_more"] != nil else { return reply }
        if !reply.isSuccess { page = JSONObject() }
        page["data"] = page["data"] ?? []
        page["has_more"] = true
        page["next_cursor"] = JSONValue(orNull: cursor)
        return Reply(json: .object(page))
    }
}

extension Reply {
    fileprivate var isSuccess: Bool { (200..<300).contains(status) }

    /// With bytes put behind the brace that opens the body, given the body.
    fileprivate func inserting(_ bytes: ([UInt8]) -> [UInt8]) -> Reply {
        guard isSuccess, body.count > 2, body.first == UInt8(ascii: "{") else { return self }
        var changed = self
        changed.body.insert(contentsOf: bytes(body), at: 1)
        return changed
    }

    /// With every object of a page changed, or the one that it is.
    fileprivate func changingObjects(_ change: (JSONObject) -> JSONObject) -> Reply {
        // What is no object has none to change.
        guard isSuccess, var object = (try? JSONReader.read(body))?.object else { return self }
        if let items = object["data"]?.array {
            object["data"] = .array(items.map { $0.object.map { .object(change($0)) } ?? $0 })
        } else {
            object = change(object)
        }
        var changed = self
        changed.body = JSONWriter().bytes(of: .object(object))
        return changed
    }
}
