import Foundation
import Hummingbird
import JSON

/// One request of the API on its way: a fault may have its way with it, what it asks for is done, and it is noted.
struct Visit: Sendable {
    let request: IncomingRequest
    let match: Router.Match
    /// In the log.
    let number: Int
    let connection: Connection
    let core: Core

    /// What the client gets, if anything.
    func response(despite fault: Fault?) async -> Response {
        if let meanwhile = fault?.meanwhile {
            // Where the change can't be, somebody was not faster.
            try? core.withWorld { world throws(Refusal) in try world.preempt(request.path, meanwhile) }
        }
        if let fault, fault.point == .beforeEffect, let response = await suffer(fault) { return response }
        let reply = await perform(script: fault?.script)
        if let end = fault?.end, let response = await distorted(reply, end) { return response }
        switch fault?.point {
        case nil, .beforeEffect: break
        case .afterEffect:
            if let fault, let response = await suffer(fault) { return response }
        case .halfAnswer:
            if let fault { return reply.response(cutInHalfBy: fault, on: connection) }
        case .afterAnswer:
            // The process that will be killed is stopped first, so that it never reads what it was sent.
            fault?.freeze()
            note(reply, isFaulty: false)
            if let fault { return reply.response(before: fault, on: connection) }
        }
        note(reply, isFaulty: fault?.script != nil)
        return reply.response
    }

    /// Lets a fault strike; nil when the request goes on.
    private func suffer(_ fault: Fault) async -> Response? {
        await fault.strike()
        switch fault.end {
        // Nobody is left to answer to.
        case .ordinary where fault.killsProcess != nil: return await dropped()
        // What is done to an answer has to wait for it.
        case .ordinary, .altered, .drip, .overstated: return nil
        case .drop: return await dropped()
        case .hang:
            await core.waitForStop()
            return await dropped()
        case .answer(let status, let headers, let body):
            let reply = Reply(status: status, headers: headers, body: body)
            note(reply, isFaulty: true)
            return reply.response
        }
    }

    /// The true answer as a fault lets it out; nil for all faults but those that do something to it.
    private func distorted(_ reply: Reply, _ end: Fault.End) async -> Response? {
        switch end {
        case .ordinary, .drop, .hang, .answer: return nil
        case .altered(let alteration):
            let altered = alteration.applied(to: reply, number: number)
            note(altered, isFaulty: true)
            return altered.response
        case .drip(let pause):
            note(reply, isFaulty: false)
            return reply.response(dripping: pause)
        case .overstated(let length):
            note(reply, isFaulty: true)
            return reply.response(promising: length, on: connection)
        }
    }

    /// The connection is closed: what is answered after that reaches nobody.
    private func dropped() async -> Response {
        await connection.drop()
        return Response(status: .internalServerError)
    }

    /// Notes what the request was answered with.
    private func note(_ reply: Reply, isFaulty: Bool) {
        core.log.update(number) { $0.status = reply.status }
        guard let observer = core.options.observer else { return }
        let hasOtherEnvelope = reply.status >= 400 && core.withWorld { $0.switches.envelope != .openAPI }
        observer(
            Exchange(
                method: request.method, path: request.path, query: request.query, requestHeaders: request.headers,
                requestBody: request.body, status: reply.status, contentType: reply.header("content-type"),
                responseBody: reply.body, call: match.call, isFaulty: isFaulty || hasOtherEnvelope))
    }

    /// Does what the call asks for.
    private func perform(script: OperationScript?) async -> Reply {
        do throws(Refusal) {
            if let problem = core.storageProblem {
                throw Refusal(status: 503, [.init(code: .unavailable, message: "Nothing can be stored: \(problem).")])
            }
            let (route, call) = try admitted()
            if route.endpoint == .operationsWait { try await wait(call) }
            let answer = try core.withWorld { world throws(Refusal) in
                let answer = try world.perform(route, call)
                if let script {
                    for effect in answer.effects where effect.kind == .operation { world.follow(script, effect.id) }
                }
                return answer
            }
            core.log.update(number) {
                $0.effects = answer.effects.map { .init(kind: $0.kind.rawValue, id: $0.id, change: $0.change) }
                $0.isReplay = answer.isReplay
            }
            return Reply(answer)
        } catch {
            return Reply(error, core.withWorld { $0.switches.envelope })
        }
    }

    /// The route, and the call that it is to work on.
    private func admitted() throws(Refusal) -> (Route, Call) {
        switch match {
        case .none:
            throw Refusal(status: 404, [.init(code: .notFound, message: "There is no \(request.path) here.")])
        case .otherMethods(let methods):
            let message = "\(request.path) takes \(methods.joined(separator: ", ")) alone."
            throw Refusal(status: 405, [.init(code: .methodNotAllowed, message: message)])
        case .found(let route, let parameters):
            let scope = try core.withWorld { world throws(Refusal) in
                try world.admit(
                    route, authorization: request.header("authorization"), context: request.header("akua-context"),
                    tokens: core.acceptedTokens)
            }
            guard let query = Query(request.query?[...] ?? "") else { throw .badRequest("The query is malformed.") }
            return (
                route,
                Call(
                    parameters: parameters, query: query, body: try request.json(), scope: scope,
                    idempotencyKey: request.header("idempotency-key"), ifMatch: request.header("if-match"))
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
    fileprivate func response(cutInHalfBy fault: Fault, on connection: Connection) -> Response {
        let half = ByteBuffer(bytes: body.prefix(body.count / 2))
        return response(
            body: ResponseBody(contentLength: body.count) { writer in
                try await writer.write(half)
                await fault.strike()
                await connection.drop()
            })
    }

    /// The body byte by byte, with that pause after each.
    fileprivate func response(dripping pause: Duration) -> Response {
        response(
            body: ResponseBody(contentLength: body.count) { [body] writer in
                for byte in body {
                    try await writer.write(ByteBuffer(bytes: [byte]))
                    try await Task.sleep(for: pause)
                }
                try await writer.finish(nil)
            })
    }

    /// The body with another length in the head, and then the end of the connection.
    fileprivate func response(promising length: Int, on connection: Connection) -> Response {
        let whole = ByteBuffer(bytes: body)
        return response(
            body: ResponseBody(contentLength: length) { writer in
                try await writer.write(whole)
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
