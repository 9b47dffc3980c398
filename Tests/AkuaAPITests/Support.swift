import AkuaAPI
import AkuaModel
import CurlTransport
import Foundation
import JSON
import Synchronization
import TestSupport
import Testing

/// A time that only passes when somebody sleeps.
final class VirtualTime: Sendable {
    private struct State {
        var passed = Duration.zero
        var sleeps: [Duration] = []
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())
    static let wallSeconds = 1_000_000_000

    var source: TimeSource {
        TimeSource(
            now: { self.now }, wallSeconds: { Self.wallSeconds },
            sleep: { moment in
                try Task.checkCancellation()
                self.state.withLock { state in
                    let left = (self.start + state.passed).duration(to: moment)
                    guard left > .zero else { return }
                    state.sleeps.append(left)
                    state.passed += left
                }
            })
    }

    var now: ContinuousClock.Instant { start + state.withLock { $0.passed } }
    /// How long each sleep was, in order; those that found their time already past are left out.
    var sleeps: [Duration] { state.withLock { $0.sleeps } }
    func pass(_ duration: Duration) { state.withLock { $0.passed += duration } }
}

/// A client with a scripted platform behind it.
final class Fixture: Sendable {
    let server: ScriptedServer
    let client: AkuaClient
    let time = VirtualTime()
    private let transport: HTTPTransport
    private let reports: Reports

    private final class Reports: Sendable {
        let all = Mutex<[APIAttempt]>([])
    }

    static let token = "sk_akua_0123456789abcdef"

    init(
        token: @escaping @Sendable () throws -> Secret = { Secret(Fixture.token) }, workspace: String? = nil,
        maxConcurrency: Int = 16, options: AkuaClient.Options = .init(), fraction: Double = 0.5,
        _ script: @escaping ScriptedServer.Script
    ) throws {
        server = try ScriptedServer(script)
        transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        let reports = Reports()
        self.reports = reports
        client = AkuaClient(
            AkuaClient.Configuration(
                baseURL: try BaseURL(server.baseURL + "/v1"), token: token, workspace: workspace, version: "1.2.3",
                maxConcurrency: maxConcurrency),
            transport: transport, options: options, time: time.source, fraction: { fraction },
            observer: { attempt in reports.all.withLock { $0.append(attempt) } })
    }

    var attempts: [APIAttempt] { reports.all.withLock { $0 } }

    /// Runs `body` with a client whose platform follows `script`.
    static func run(
        _ script: @escaping ScriptedServer.Script, _ body: (Fixture) async throws -> Void
    ) async throws {
        try await Fixture(script).use(body)
    }

    func use(_ body: (Fixture) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await end()
            throw error
        }
        await end()
    }

    private func end() async {
        server.stop()
        await transport.shutdown()
    }
}

/// An id for tests; the text is one that can be an id.
func id<Tag>(_ text: String, as _: Tag.Type = Tag.self) throws -> Identifier<Tag> { try #require(Identifier(text)) }

/// The value that the text spells, for samples.
func json(_ text: String) -> JSONValue {
    do { return try JSONReader.read(text) } catch { preconditionFailure("a sample is no JSON: \(error)") }
}

extension JSONValue {
    var text: String { JSONWriter().text(of: self) }

    /// A copy with the member at `path` (names joined by dots) set, or taken out for nil.
    func with(_ path: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(var object) = self else { return self }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        object[parts[0]] = parts.count == 1 ? value : object[parts[0]]?.with(parts[1], value)
        return .object(object)
    }
}

/// Answers as the platform's documents show them, each with members that nobody asks for.
enum Sample {
    static let workspace = json(
        """
        {"id":"ws_1","name":"Acme","slug":"acme","plan":{"tier":"pro","billed_by":"platform"},
        "workspace_class":"standard","created_at":1734567890,"updated_at":1734567890,"etag":"1"}
        """)
    static let accessState = json(
        """
        {"workspace_id":"ws_1","status":"suspended","access_version":3,"accessible":false,"reason":"suspended",
        "reconciliation_status":"reconciled","payment_grace_ends_at":null,"restricted_at":null,"suspend_at":null,
        "ended_at":null}
        """)
    static let region = json(#"{"id":"regn_1","name":"eu-central","icon":null,"workspace_id":"ws_1","created_at":1}"#)
    static let cluster = json(
        """
        {"id":"clu_1","html_url":"https://akua.dev/c","name":"prod-eu","workspace_id":"ws_1","state":"active",
        "provider":"managed_kaas","reconciling":false,"created_at":1734567890,"updated_at":1734567890,"etag":"c7"}
        """)
    static let package = json(
        """
        {"id":"pkg_1","html_url":"https://akua.dev/p","workspace_id":"ws_1","name":"Checkout",
        "latest_version_id":"pkgv_2","description":null,"display_image_url":null,
        "source":{"kind":"oci","oci_ref":"oci://registry.example.com/acme/checkout"},"created_at":1734567890,"etag":"5"}
        """)
    static let version = json(
        """
        {"id":"pkgv_2","package_id":"pkg_1","semver":"1.4.0","ref":"sha256:ab","input_schema":{"type":"object"},
        "published_at":1734567890,"created_at":1734567890,"etag":"1"}
        """)
    static let product = json(
        """
        {"id":"prod_1","html_url":"https://akua.dev/x","name":"Shop","workspace_id":"ws_1",
        "package":{"id":"pkg_1","version_pin":{"kind":"latest"},"default_version_id":null},"marketplace":null,
        "created_at":1,"updated_at":1,"etag":"1","state":"active"}
        """)
    static let install = json(
        """
        {"id":"inst_1","html_url":"https://akua.dev/i","workspace_id":"ws_1",
        "customer_workspace":{"id":"ws_1","name":"Acme"},"cluster_id":"clu_1","package_version_id":"pkgv_2",
        "state":"healthy","reconciling":false,"urls":[],"created_at":1734567890,"updated_at":1734567891,"etag":"42"}
        """)
    static let status = json(
        """
        {"install_id":"inst_1","health":"Healthy","sync":null,"revision":"c0ffee","resources":null,
        "operation_phase":null,"updated_at":null,"state":"healthy","reconciling":false}
        """)
    static let render = json(
        """
        {"id":"rnd_1","workspace_id":"ws_1","install_id":"inst_1","operation_id":"op_9","render_hash":null,
        "commit_sha":"c0ffee","package_version_id":"pkgv_2","state":"deployed","message":"hello","created_at":1734567890,
        "updated_at":1734567890}
        """)
    static let operation = json(
        """
        {"id":"op_1","workspace_id":"ws_1","organization_id":null,"owner_type":"install","owner_id":"inst_1",
        "parent_operation_id":null,"state":"SUCCEEDED","done":true,"html_url":"https://akua.dev/o",
        "metadata":{"type":"install.create","idempotency_key":"agl1-a-b","workspace_id":"ws_1"},
        "response":{"type":"install.create","install_id":"inst_1","sandbox_skipped":true},"error":null,
        "last_error":null,"started_at":1734567890,"completed_at":1734567895,"steps":[]}
        """)
    static let mutation = json(
        """
        {"install":{"id":"inst_1","current_version":{"id":"pkgv_1","semver":"1.3.0"},
        "desired_version":{"id":"pkgv_2","semver":"1.4.0"},"automatic_updates_enabled":false,"updated_at":1,"etag":"43"},
        "render":null}
        """)
    static let repository = json(
        """
        {"id":"repo_1","name":"inst_1","workspace_id":"ws_1","created_at":1,"updated_at":1,"etag":"1",
        "reconciling":false,"purpose":"deploy","cluster_id":"clu_1","last_deploy_sha":"c0ffee"}
        """)

    /// One page of a list.
    static func page(_ items: [JSONValue], next: String? = nil) -> JSONValue {
        [
            "data": .array(items), "has_more": .bool(next != nil),
            "next_cursor": next.map(JSONValue.string) ?? .null,
        ]
    }
}
