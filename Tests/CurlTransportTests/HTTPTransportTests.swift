import CurlTransport
import TestSupport
import Testing

@Suite struct HTTPTransportTests {
    @Test func `a GET comes back whole, with its status and headers`() async throws {
        let server = try ScriptedServer(always: .json(#"{"a":1}"#, headers: ["X-Thing": "  one  "]))
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        var headers = HTTPHeaders()
        headers.append("Authorization", "Bearer abc")
        let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/v1/x?y=1", headers: headers))
        #expect(response.status == 200)
        #expect(response.body == Array(#"{"a":1}"#.utf8))
        #expect(response.headers["x-thing"] == "one")
        #expect(response.majorVersion == 1)
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/v1/x?y=1")
        #expect(request.headers["authorization"] == "Bearer abc")
        #expect(request.headers["expect"] == nil)
        await transport.shutdown()
    }
}
