import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A request as it came over the wire, whole.
struct IncomingRequest: Sendable {
    var method: String
    /// As sent, escapes included.
    var path: String
    var query: String?
    /// In the order sent, with lower-case names.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Whether the body was too large to be read.
    var isTooLarge = false

    /// The largest body that is read.
    static let bodyBytesMax = 8 << 20

    init(_ request: Request) async {
        method = request.method.rawValue
        path = request.uri.path
        query = request.uri.query
        headers = request.headers.map { ($0.name.canonicalName, $0.value) }
        do {
            body = Array(try await request.body.collect(upTo: Self.bodyBytesMax).readableBytesView)
        } catch {
            body = []
            isTooLarge = error is NIOTooManyBytesError
        }
    }

    /// The first header of that lower-case name.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The body as data; nil when there is none.
    func json() throws(Refusal) -> JSONValue? {
        guard !isTooLarge else {
            throw Refusal(
                status: 413,
                [.init(code: .tooLarge, message: "The body is larger than \(Self.bodyBytesMax) bytes.")])
        }
        guard !body.isEmpty else { return nil }
        guard header("content-type")?.lowercased().hasPrefix("application/json") ?? false else {
            throw .badRequest("The content type of a body must be application/json.", at: ["headers", "content-type"])
        }
        do {
            return try JSONReader.read(body)
        } catch {
            throw .badRequest("The body is no JSON: \(error.description).", at: ["body"])
        }
    }
}
