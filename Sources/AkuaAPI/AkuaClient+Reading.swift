import AkuaModel
import CurlTransport
import JSON

/// How answers become values.
extension AkuaClient {
    /// Objects asked for on one page; the most that the platform gives.
    static let pageLimit = 100

    /// The one thing that `endpoint` names, or nil when the platform says that it is not there.
    ///
    /// A 404 that does not speak the platform's language comes from something in between, and proves nothing (I10).
    func find<Item: AnswerReadable>(
        _ endpoint: Endpoint, check: (Item) throws(AnswerError) -> Void
    ) async throws(APIError) -> Item? {
        try await find(Call(endpoint, options.timeouts), check: check)
    }

    func find<Item: AnswerReadable>(
        _ call: Call, check: (Item) throws(AnswerError) -> Void
    ) async throws(APIError) -> Item? {
        let response: HTTPResponse
        do throws(APIError) {
            response = try await answer(to: call)
        } catch {
            guard error.status == 404 || error.status == 410, error.speaksForPlatform else { throw error }
            return nil
        }
        return try read(response, call, check: check)
    }

    /// All pages of a list, the next one on its way while one is read; up to the first item for which `isLast` holds.
    func list<Item: Listed>(
        _ endpoint: Endpoint, limits: JSONReader.Limits = Call.usualLimits, upTo isLast: ((Item) -> Bool)? = nil,
        check: (Item) throws(AnswerError) -> Void
    ) async throws(APIError) -> [Item] {
        let first = Call(endpoint.with("limit", String(Self.pageLimit)), options.timeouts, limits)
        var pages = Pages<Item>()
        var call = first
        var response = try await answer(to: call)
        while true {
            // A list that may end with this page is not read ahead: the request could be one for nothing.
            let guess = isLast == nil ? CursorGuess.next(in: response.body) : nil
            async let ahead = outcome(of: guess.map(first.page(from:)))
            let known = pages.items.count
            let page: Page<Item> = try read(response, call) { page throws(AnswerError) in
                for (position, item) in page.items.enumerated() {
                    do throws(AnswerError) {
                        try check(item)
                    } catch {
                        throw error.inside("data[\(position)]")
                    }
                }
                try pages.add(page)
            }
            if let isLast, let end = pages.items[known...].firstIndex(where: isLast) {
                return Array(pages.items[...end])
            }
            guard let next = page.next else { return pages.items }
            call = first.page(from: next)
            if next == guess, let outcome = await ahead {
                response = try outcome.get()
            } else {
                response = try await answer(to: call)
            }
        }
    }

    private func outcome(of call: Call?) async -> Result<HTTPResponse, APIError>? {
        guard let call else { return nil }
        do throws(APIError) { return .success(try await answer(to: call)) } catch { return .failure(error) }
    }

    /// Reads the body of a success, or says why it can't be what the call asked for.
    func read<Item: AnswerReadable>(
        _ response: HTTPResponse, _ call: Call, check: (Item) throws(AnswerError) -> Void
    ) throws(APIError) -> Item {
        let problem: String
        do {
            guard Self.isJSON(response) else { throw AnswerError("", "has a content type that is not JSON") }
            let item = try Item(answer: try Answer(try JSONReader.read(response.body, limits: call.limits)))
            try check(item)
            return item
        } catch let error as AnswerError {
            problem = error.path.isEmpty ? "the answer \(error.problem)" : "\(error.path) \(error.problem)"
        } catch let error as JSONSyntaxError {
            problem = "\(error)"
        } catch {
            problem = "\(error)"
        }
        throw APIError(
            cause: .malformedAnswer(ErrorEnvelope.clean(problem)), call: call.endpoint.call,
            mayHaveTakenEffect: call.isWrite)
    }

    /// Whether the body is JSON by its header; a server that does not say is believed.
    private static func isJSON(_ response: HTTPResponse) -> Bool {
        guard let type = response.headers["content-type"] else { return true }
        let media = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        return media == "application/json" || media.hasSuffix("+json")
    }

    /// Whether `answered` is the object that was asked for by `asked`: the same id, or one of them without its prefix,
    /// as older parts of the platform write it.
    static func isSame<Tag>(_ asked: Identifier<Tag>, _ answered: Identifier<Tag>) -> Bool {
        asked == answered || isBare(asked.text, answered.text) || isBare(answered.text, asked.text)
    }

    private static func isBare(_ bare: String, _ whole: String) -> Bool {
        guard whole.hasSuffix("_" + bare) else { return false }
        let prefix = whole.dropLast(bare.count + 1)
        return (1...5).contains(prefix.count) && prefix.allSatisfy { $0.isASCII && $0.isLowercase }
    }

    /// Throws when the answer is about another object than the one asked for.
    static func require<Tag>(
        _ answered: Identifier<Tag>, is asked: Identifier<Tag>, at path: String = "id"
    ) throws(AnswerError) {
        guard isSame(asked, answered) else {
            throw AnswerError(path, "is \(answered), but \(asked) was asked for")
        }
    }
}
