import HTTPTypes
import Hummingbird
import JSON

/// An answer as it goes over the wire.
struct Reply: Sendable {
    var status: Int
    /// With lower-case names.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers.map { ($0.name.lowercased(), $0.value) }
        self.body = body
        if !body.isEmpty, header("content-type") == nil { self.headers.append(("content-type", "application/json")) }
    }

    init(_ answer: Answer) { self.init(status: answer.status, body: answer.body) }

    init(_ refusal: Refusal, _ envelope: Switches.Envelope) {
        let (contentType, bytes) = refusal.body(in: envelope)
        self.init(status: refusal.status, headers: [("content-type", contentType)], body: bytes)
    }

    init(status: Int = 200, json: JSONValue) { self.init(status: status, body: JSONWriter().bytes(of: json)) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The answer in the server's terms.
    var response: Response { response(body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))) }

    /// The same head with another way of writing the body.
    func response(body: ResponseBody) -> Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return Response(status: .init(code: status), headers: fields, body: body)
    }
}
