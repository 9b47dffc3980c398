import Foundation
import HTTPTypes
import Hummingbird
import JSON

/// Answers every request: reads it, lets a fault have its way, does what the call asks for, and notes it all.
struct Responder: HTTPResponder {
    let core: Core
    let control: ControlRoutes
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
        var name: String?
        if case .found(let route, _) = match { name = route.endpoint.rawValue }
        let number = note(incoming, name)
        defer { core.log.end() }
        let hit = core.faults.fault(
            call: name, method: incoming.method, path: incoming.path, key: incoming.header("idempotency-key"))
        core.log.update(number) { $0.fault = hit?.number }
        return await respond(to: incoming, match, hit?.fault, number: number, on: connection)
    }

    private func note(_ incoming: IncomingRequest, _ call: String?) -> Int {
        core.log.begin(
            RecordedRequest(
                number: 0, time: core.clock.now, method: incoming.method, path: incoming.path, query: incoming.query,
                call: call, headers: incoming.headers.filter { $0.name != "authorization" },
                idempotencyKey: incoming.header("idempotency-key"), ifMatch: incoming.header("if-match"),
                body: incoming.body), authorization: incoming.header("authorization"))
    }

    private func respond(
        to incoming: IncomingRequest, _ match: Router.Match, _ fault: Fault?, number: Int, on connection: Connection
    ) async -> Response {
        if let fault, fault.point == .beforeEffect {
            await fault.strike()
            switch fault.end {
            case .ordinary where fault.killsProcess != nil: return await dropped(connection)
            case .ordinary: break
            case .drop: return await dropped(connection)
            case .hang: return await hung(connection)
            case .answer(let status, let headers, let body):
                let reply = Reply(status: status, headers: headers, body: body)
                finish(number, incoming, match, reply, isFaulty: true)
                return reply.response
            }
        }
        let (reply, answer) = await perform(incoming, match, script: fault?.script)
        core.log.update(number) {
            $0.effects = answer?.effects.map { .init(kind: $0.kind.rawValue, id: $0.id, change: $0.change) } ?? []
            $0.isReplay = answer?.isReplay ?? false
        }
        guard let fault, fault.point != .beforeEffect else {
            finish(number, incoming, match, reply, isFaulty: fault?.script != nil)
            return reply.response
        }
        return await send(reply, fault, number: number, for: incoming, match, on: connection)
    }

    /// Sends an answer, or what the fault leaves of it.
    private func send(
        _ reply: Reply, _ fault: Fault, number: Int, for incoming: IncomingRequest, _ match: Router.Match,
        on connection: Connection
    ) async -> Response {
        switch fault.point {
        case .beforeEffect, .afterEffect:
            await fault.strike()
            switch fault.end {
            case .drop: return await dropped(connection)
            case .hang: return await hung(connection)
            case .ordinary where fault.killsProcess != nil: return await dropped(connection)
            case .ordinary:
                finish(number, incoming, match, reply, isFaulty: false)
                return reply.response
            case .answer(let status, let headers, let body):
                let other = Reply(status: status, headers: headers, body: body)
                finish(number, incoming, match, other, isFaulty: true)
                return other.response
            }
        case .halfAnswer: return reply.responseCutInHalf(by: fault, on: connection)
        case .afterAnswer:
            // The process that will be killed is stopped first, so that it never reads what it was sent.
            fault.freeze()
            finish(number, incoming, match, reply, isFaulty: false)
            return reply.response(before: fault, on: connection)
        }
    }

    private func dropped(_ connection: Connection) async -> Response {
        await connection.drop()
        return Response(status: .internalServerError)
    }

    private func hung(_ connection: Connection) async -> Response {
        await core.waitForStop()
        return await dropped(connection)
    }

    /// Notes that a request has been answered.
    private func finish(
        _ number: Int, _ incoming: IncomingRequest, _ match: Router.Match, _ reply: Reply, isFaulty: Bool
    ) {
        core.log.update(number) { $0.status = reply.status }
        guard let observer = core.options.observer else { return }
        var call: String?
        if case .found(let route, _) = match { call = route.endpoint.rawValue }
        let hasOtherEnvelope = reply.status >= 400 && core.withWorld { $0.switches.envelope != .openAPI }
        observer(
            Exchange(
                method: incoming.method, path: incoming.path, query: incoming.query, requestHeaders: incoming.headers,
                requestBody: incoming.body, status: reply.status, contentType: reply.header("content-type"),
                responseBody: reply.body, call: call, isFaulty: isFaulty || hasOtherEnvelope))
    }

    /// Does what the call asks for.
    private func perform(
        _ incoming: IncomingRequest, _ match: Router.Match, script: OperationRecord.Script?
    ) async -> (Reply, Answer?) {
        do throws(Refusal) {
            if let problem = core.storageProblem {
                throw Refusal(status: 503, [.init(code: .unavailable, message: "Nothing can be stored: \(problem).")])
            }
            let (route, call) = try self.call(incoming, match)
            if route.endpoint == .operationsWait { try await wait(call) }
            let answer = try core.withWorld { world throws(Refusal) in
                let answer = try world.perform(route, call)
                if let script, !answer.isReplay {
                    for effect in answer.effects where effect.kind == .operation { world.follow(script, effect.id) }
                }
                return answer
            }
            return (Reply(answer), answer)
        } catch {
            return (Reply(error, core.withWorld { $0.switches.envelope }), nil)
        }
    }

    /// The route and what it is to work on, admitted.
    private func call(_ incoming: IncomingRequest, _ match: Router.Match) throws(Refusal) -> (Route, Call) {
        switch match {
        case .none:
            throw Refusal(status: 404, [.init(code: .notFound, message: "There is no \(incoming.path) here.")])
        case .otherMethods(let methods):
            throw Refusal(
                status: 405,
                [
                    .init(
                        code: .methodNotAllowed,
                        message: "\(incoming.path) takes \(methods.joined(separator: ", ")) alone.")
                ])
        case .found(let route, let parameters):
            let scope = try core.withWorld { world throws(Refusal) in
                try world.admit(
                    route, authorization: incoming.header("authorization"), context: incoming.header("akua-context"),
                    tokens: core.acceptedTokens)
            }
            guard let query = Query(incoming.query?[...] ?? "") else { throw .badRequest("The query is malformed.") }
            return (
                route,
                Call(
                    parameters: parameters, query: query, body: try incoming.json(), scope: scope,
                    idempotencyKey: incoming.header("idempotency-key"), ifMatch: incoming.header("if-match"))
            )
        }
    }

    /// Waits until the operation of the path is done, for as long as was asked for.
    private func wait(_ call: Call) async throws(Refusal) {
        let seconds = try call.query.number("timeout", in: 1...60) ?? 30
        let operation = try core.withWorld { world throws(Refusal) in try world.operation(call).id }
        await core.waitForEnd(of: operation, atMost: .seconds(seconds))
    }
}

extension Fault {
    /// Waits, and kills the process that is to die.
    fileprivate func strike() async {
        // A cancelled wait means that the emulator stops.
        if delay > .zero { try? await Task.sleep(for: delay) }
        if let killsProcess { kill(killsProcess, SIGKILL) }
    }

    /// Stops the process that is to die, before it can act on what it gets.
    fileprivate func freeze() {
        if let killsProcess { kill(killsProcess, SIGSTOP) }
    }
}

extension Reply {
    /// The head and half of the body, and then the end of the connection.
    fileprivate func responseCutInHalf(by fault: Fault, on connection: Connection) -> Response {
        let half = ByteBuffer(bytes: body.prefix(body.count / 2))
        return response(
            body: ResponseBody(contentLength: body.count) { writer in
                try await writer.write(half)
                await fault.strike()
                await connection.drop()
            })
    }

    /// All of it, and what happens once it is sent.
    fileprivate func response(before fault: Fault, on connection: Connection) -> Response {
        let whole = ByteBuffer(bytes: body)
        return response(
            body: ResponseBody(contentLength: body.count) { writer in
                if whole.readableBytes > 0 { try await writer.write(whole) }
                try await writer.finish(nil)
                await fault.strike()
                if case .drop = fault.end { await connection.drop() }
            })
    }
}
