import AkuaModel
import CurlTransport
import Foundation
import JSON

@testable import AkuaAPI

extension FuzzTarget {
    static let answers = [
        FuzzTarget("api-model", "a member that nobody asks for changes nothing, and an error is one bounded line") {
            try checkModels($0)
        },
        FuzzTarget("api-page", "the pages of a list end, hold each object once, and a guessed cursor is the read one") {
            input in
            var pages = Pages<Region>()
            var (cursors, seen): (Set<String>, Int) = ([], 0)
            for line in input.split(separator: 0x0A) {
                guard let page: Page<Region> = try decoded(Array(line)) else { return }
                seen += page.items.count
                do { try pages.add(page) } catch { return }
                try require(page.next.map { cursors.insert($0).inserted } ?? true, "a cursor is followed twice")
                try require(pages.items.count <= seen, "more objects than were read")
                try require(Set(pages.items.map(\.id)).count == pages.items.count, "an object is there twice")
                guard let cursor = page.next, cursor.utf8.count < 256 else { continue }
                let written = JSONWriter().bytes(of: ["data": [], "has_more": true, "next_cursor": .string(cursor)])
                let guess = CursorGuess.next(in: written)
                try require(guess.map { $0.isSpelt(as: cursor) } ?? true, "\(guess ?? "") is guessed for \(cursor)")
            }
        },
        FuzzTarget("error-envelope", "what is taken of a refusal is bounded and made of safe lines") { input in
            guard let envelope = ErrorEnvelope(body: input) else { return }
            let texts = envelope.codes + envelope.messages + envelope.fields
            try require(texts.count <= 256, "\(texts.count) texts")
            for text in texts {
                try require(text.unicodeScalars.count <= 500 && text.isOneSafeLine, text.debugDescription)
            }
        },
        FuzzTarget(
            "retry-after", "a wait is never negative nor longer than an hour, and a date of C's is read as it was"
        ) {
            let (text, now) = ($0.text, 784_111_777)
            let offset = $0.reduce(0) { ($0 * 31 + Int($1)) % 3_600 }
            let delay = RetryAfter.delay(date(now + offset), wallSeconds: now)
            try require(delay == .seconds(offset), "\(date(now + offset)) is not \(offset) seconds later")
            guard let delay = RetryAfter.delay(text, wallSeconds: now) else { return }
            try require(delay >= .zero && delay <= RetryAfter.believedMax, "\(text) means \(delay)")
            try require(RetryAfter.delay(text, wallSeconds: now + 7_200).map { $0 <= delay } ?? true, "\(text) grows")
        },
        FuzzTarget("base-url", "a base URL that is taken holds no user, no query and no fragment") { input in
            guard let url = try? BaseURL(input.text) else { return }
            try require(!url.text.hasSuffix("/"), url.text)
            let parts = try require(URLComponents(string: url.text), "\(url.text) is no URL")
            try require(parts.user == nil && parts.password == nil && parts.query == nil, url.text)
            try require(parts.scheme?.lowercased() == (url.isPlain ? "http" : "https"), url.text)
            try require(try BaseURL(url.text) == url, "\(url.text) is read otherwise")
        },
    ]

    /// A moment as HTTP writes it.
    private static func date(_ seconds: Int) -> String {
        var (seconds, parts) = (seconds, tm())
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let length = strftime(buffer.baseAddress, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Never sends anything: it is here to read answers.
    private static let sharedClient = Result {
        AkuaClient(
            AkuaClient.Configuration(
                baseURL: try BaseURL("https://127.0.0.1:9"), token: { Secret("canary-5b1f0c9d") }, version: "0"),
            transport: HTTPTransport())
    }

    /// What the client reads out of a body, or nil when it refuses it; throws if the refusal is no bounded line.
    private static func decoded<Item: AnswerReadable>(_ body: [UInt8]) throws -> Item? {
        let operation = try require(OperationID("op_1"), "no id")
        let call = Call(waitingFor: operation, seconds: 1, AkuaClient.Timeouts())
        let client = try sharedClient.get()
        let response = HTTPResponse(status: 200, headers: HTTPHeaders(), body: body)
        do throws(APIError) {
            return try client.read(response, call) { _ in }
        } catch {
            try require(error.description.isOneSafeLine, error.description.debugDescription)
            try require(error.description.utf8.count <= 4_096, "an error of \(error.description.utf8.count) bytes")
            return nil
        }
    }

    private static func checkModels(_ body: [UInt8]) throws {
        try check(Workspace.self, body)
        try check(WorkspaceAccessState.self, body)
        try check(Region.self, body)
        try check(Cluster.self, body)
        try check(Package.self, body)
        try check(PackageVersion.self, body)
        try check(Product.self, body)
        try check(Repository.self, body)
        try check(Install.self, body)
        try check(InstallMutation.self, body)
        try check(InstallStatus.self, body)
        try check(Render.self, body)
        try check(AkuaModel.Operation.self, body)
    }

    private static func check<Item: AnswerReadable & Equatable>(_: Item.Type, _ body: [UInt8]) throws {
        let item: Item? = try decoded(body)
        guard var object = try? JSONReader.read(body).object, object["of a later version"] == nil else { return }
        object["of a later version"] = ["deep": [.object(object)]]
        let extended: Item? = try decoded(JSONWriter().bytes(of: .object(object)))
        try require(extended == item || object.count > 1_000, "an unknown member changes a \(Item.self)")
    }
}
