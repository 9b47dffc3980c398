import Hummingbird

/// Reads every request, and sends it to the control API or on its way through the platform's.
struct Responder: HTTPResponder {
    private let core: Core
    private let control: ControlRoutes
    private let router = Router(Route.all)

    init(core: Core) {
        self.core = core
        control = ControlRoutes(core: core)
    }

    func respond(to request: Request, context connection: Connection) async throws -> Response {
        let incoming = await IncomingRequest(request)
        guard !incoming.path.hasPrefix(ControlRoutes.base) else {
            return control.respond(to: incoming, isLocal: connection.isLocal).response
        }
        let match = router.match(incoming.method, incoming.path, colon: core.withWorld { $0.switches.colon })
        let number = core.log.begin(
            RecordedRequest(
                number: 0, time: core.clock.now, method: incoming.method, path: incoming.path, query: incoming.query,
                call: match.call, headers: incoming.headers.filter { $0.name != "authorization" },
                idempotencyKey: incoming.header("idempotency-key"), ifMatch: incoming.header("if-match"),
                body: incoming.body), authorization: incoming.header("authorization"))
        defer { core.log.end() }
        let hit = core.faults.fault(
            call: match.call, method: incoming.method, path: incoming.path, key: incoming.header("idempotency-key"))
        core.log.update(number) { $0.fault = hit?.number }
        let visit = Visit(request: incoming, match: match, number: number, connection: connection, core: core)
        return await visit.response(despite: hit?.fault)
    }
}
