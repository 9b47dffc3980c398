package import Bootstrap
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import JSON
import Logging
package import NIOCore
import ServiceLifecycle
package import Telemetry

/// Why the daemon is not ready, for one source or as a whole.
package struct Unreadiness: Equatable, Sendable {
    /// Nil when it is no matter of one source.
    package var source: String?
    /// A code such as `not-reconciled` or `stalled`.
    package var reason: String
    /// A sentence for people.
    package var message: String

    package init(source: String?, reason: String, message: String) {
        self.source = source
        self.reason = reason
        self.message = message
    }
}

/// A server that could not be started.
package struct ServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What it was to listen on.
    package var address: String
    /// The system's reason.
    package var reason: String

    package var description: String {
        "can't listen on \(address): \(reason); choose another server.listen"
    }
}

/// The daemon's small HTTP server: `GET /` for people, `/healthz`, `/readyz`, `/metrics` and `/v1/status`; nothing that writes.
///
/// Holds I12 and S9: at most ``connectionsMax`` connections, one request each, over after ``connectionLifetime``; no
/// request body is read. It keeps no clock running while nobody asks.
package struct HealthServer: Service {
    /// What it answers with; asked at each request, and quick to answer.
    package struct Content: Sendable {
        /// Empty when ready.
        package var unreadiness: @Sendable () async -> [Unreadiness]
        /// A page in Prometheus' text format.
        package var metrics: @Sendable () async -> String
        package var status: @Sendable () async -> JSONValue
        /// The page for people; `nonce` is for its style sheet.
        package var page: @Sendable (_ nonce: String) async throws -> String

        package init(
            unreadiness: @escaping @Sendable () async -> [Unreadiness], metrics: @escaping @Sendable () async -> String,
            status: @escaping @Sendable () async -> JSONValue,
            page: @escaping @Sendable (_ nonce: String) async throws -> String
        ) {
            self.unreadiness = unreadiness
            self.metrics = metrics
            self.status = status
            self.page = page
        }
    }

    package static let connectionsMax = 1_000
    package static let connectionLifetime = TimeAmount.seconds(10)
    private static let headerBytesMax = 16 << 10
    private static let headersMax = 100

    private let address: ListenAddress
    private let content: Content
    private let group: any EventLoopGroup
    private let logger: Telemetry.Logger
    private let connectionLifetime: TimeAmount
    private let onListening: @Sendable (_ port: Int) -> Void

    /// `onListening` is told the port, which is the address's own unless that is 0.
    package init(
        address: ListenAddress, content: Content, group: any EventLoopGroup, logger: Telemetry.Logger,
        connectionLifetime: TimeAmount = HealthServer.connectionLifetime,
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.address = address
        self.content = content
        self.group = group
        self.logger = logger.quietedForLibraries
        self.connectionLifetime = connectionLifetime
        self.onListening = onListening
    }

    package func run() async throws {
        do {
            try await server().run()
        } catch let error as IOError {
            throw ServerError(address: address.description, reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private func server() throws -> any Service {
        let responder = routes().buildResponder()
        var limits = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionLifetime(connectionLifetime)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.headerBytesMax, maxHeaderListSize: Self.headerBytesMax,
                maxHeaderFieldCount: Self.headersMax))
        limits.idleTimeout = nil
        return try HTTPServerBuilder.http1(configuration: limits).buildServer(
            configuration: ServerConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(Self.connectionsMax, logger: logger)),
            eventLoopGroup: group,
            logger: logger,
            responder: { request, writer, channel in
                let context = BasicRequestContext(source: .init(channel: channel, logger: logger))
                var response: Response
                do {
                    response = try await responder.respond(to: request, context: context)
                } catch {
                    response = Response(status: .internalServerError)
                }
                response.headers[.connection] = "close"
                response.headers[.cacheControl] = "no-store"
                response.headers[.xContentTypeOptions] = "nosniff"
                try await writer.write(response: response.head, body: response.body)
                channel.close(mode: .output, promise: nil)
            },
            onServerRunning: { channel in
                onListening(channel.localAddress?.port ?? address.port)
            })
    }

    private func routes() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("") { _, _ in try await page() }
        router.get("healthz") { _, _ in Self.response(.ok, "text/plain; charset=utf-8", Array("alive\n".utf8)) }
        router.get("readyz") { _, _ in
            let reasons = await content.unreadiness()
            return Self.response(reasons.isEmpty ? .ok : .serviceUnavailable, Self.json(reasons))
        }
        router.get("metrics") { _, _ in
            Self.response(.ok, PrometheusRegistry.contentType, Array(await content.metrics().utf8))
        }
        router.get("v1/status") { _, _ in Self.response(.ok, await content.status()) }
        return router
    }

    /// The page, to which a browser lets nothing through but its own style sheet.
    private func page() async throws -> Response {
        let nonce =
            String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        var response = Self.response(.ok, "text/html; charset=utf-8", Array(try await content.page(nonce).utf8))
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return response
    }

    private static func json(_ reasons: [Unreadiness]) -> JSONValue {
        let list = reasons.map { reason -> JSONValue in
            var object = JSONObject()
            object["source"] = reason.source.map(JSONValue.string)
            object["reason"] = .string(reason.reason)
            object["message"] = .string(reason.message)
            return .object(object)
        }
        return ["ready": .bool(reasons.isEmpty), "reasons": .array(list)]
    }

    private static func response(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        response(status, "application/json", JSONWriter(isPretty: true).bytes(of: value) + [UInt8(ascii: "\n")])
    }

    private static func response(_ status: HTTPResponse.Status, _ contentType: String, _ bytes: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Telemetry.Logger {
    /// What a library logs in passing is of no use to an operator: its own start, each connection.
    var quietedForLibraries: Telemetry.Logger {
        var quiet = self
        quiet.logLevel = max(quiet.logLevel, .warning)
        return quiet
    }
}
