import AkuaModel
import CurlTransport
import Synchronization
import Telemetry

/// How a call is made: attempt by attempt, until there is an answer to keep or no point in going on.
extension AkuaClient {
    /// The platform's answer with a status of success.
    func answer(to call: Call) async throws(APIError) -> HTTPResponse {
        var state = CallState(token: try token(for: call))
        while true {
            let permit = try await enter(call, state)
            guard !call.isWrite || options.admitsWrites() else {
                scope.gate.leave(permit, .none)
                throw Self.cancelled(call, state)
            }
            let startedAt = scope.time.now()
            let result = await exchange(call, state.token, attempt: state.attempt)
            let duration = startedAt.duration(to: scope.time.now())
            if case .success(let response) = result, !RetryPolicy.isPassing(status: response.status) {
                scope.budget.withLock { $0.earn() }
            }
            if case .success(let response) = result, (200..<300).contains(response.status) {
                scope.gate.leave(permit, .good)
                report(call, state.attempt, duration, result)
                return response
            }
            let error = failure(of: call, result, &state)
            // The pause comes first: the place that becomes free must not let a request out before it.
            let pause = pauseIfAsked(after: result, error, state.attempt)
            scope.gate.leave(permit, Self.sign(of: result))
            let throttle = pause.map { APIAttempt.Throttle(pause: $0, concurrency: scope.gate.limit(in: call.lane)) }
            let next = nextStep(for: call, after: result, error, &state)
            report(call, state.attempt, duration, result, retry: next.retry, throttle: throttle)
            switch next {
            case .giveUp: throw error
            case .again(let retry):
                state.attempt += 1
                guard let retry else { continue }
                do { try await scope.time.sleep(scope.time.now() + retry.delay) } catch {
                    throw Self.cancelled(call, state)
                }
            }
        }
    }

    /// What one call remembers between its attempts.
    private struct CallState {
        var token: Secret
        var attempt = 1
        var hasRenewedToken = false
        /// Whether an attempt so far may have done what the call asks for.
        var mayHaveTakenEffect = false
    }

    private enum NextStep {
        case giveUp
        /// With the delay before it; none after a change of the token, which is no retry of a failure.
        case again(APIAttempt.Retry?)

        var retry: APIAttempt.Retry? { if case .again(let retry) = self { retry } else { nil } }
    }

    /// One attempt, which is a span of its own.
    private func exchange(
        _ call: Call, _ token: Secret, attempt: Int
    ) async -> Result<HTTPResponse, TransportError> {
        let endpoint = call.endpoint
        return await scope.traces.span(
            "\(endpoint.method.rawValue) \(endpoint.route)", kind: .client,
            [
                .requestMethod: endpoint.method.rawValue, .urlTemplate: endpoint.route, .call: endpoint.call,
                .resendCount: attempt > 1 ? attempt - 1 : nil, .serverAddress: scope.configuration.baseURL.host,
                .serverPort: scope.configuration.baseURL.port,
            ]
        ) { span in
            do throws(TransportError) {
                let answer = try await scope.transport.exchange(call.request(scope.configuration, options, token))
                span.set([.statusCode: answer.status])
                if answer.status >= 400 { span.fail(String(answer.status)) }
                return .success(answer)
            } catch {
                span.fail("\(error.reason)")
                return .failure(error)
            }
        }
    }

    private func enter(_ call: Call, _ state: CallState) async throws(APIError) -> Gate.Permit {
        do throws(Gate.Refusal) {
            return try await scope.gate.enter(call.lane, patience: options.retry.backoffMax)
        } catch {
            switch error {
            case .cancelled: throw Self.cancelled(call, state)
            case .paused(let left):
                var error = APIError(
                    cause: .refused(status: 429), call: call.endpoint.call,
                    mayHaveTakenEffect: state.mayHaveTakenEffect)
                error.messages = ["not sent, since the platform has asked for a pause"]
                error.retryAfter = left
                throw error
            }
        }
    }

    private func token(for call: Call) throws(APIError) -> Secret {
        do {
            return try scope.tokens.token()
        } catch {
            throw APIError(
                cause: .unreachable("the token can't be read: \(ErrorEnvelope.clean("\(error)"))"),
                call: call.endpoint.call, mayHaveTakenEffect: false)
        }
    }

    private static func cancelled(_ call: Call, _ state: CallState) -> APIError {
        APIError(cause: .cancelled, call: call.endpoint.call, mayHaveTakenEffect: state.mayHaveTakenEffect)
    }

    /// What the outcome of an attempt says about the platform's load.
    private static func sign(of result: Result<HTTPResponse, TransportError>) -> ConcurrencyLimit.Sign {
        switch result {
        case .failure: .none
        case .success(let response): RetryPolicy.isOverload(status: response.status) ? .overload : .good
        }
    }

    /// The error of a call that would end with this attempt.
    private func failure(
        of call: Call, _ result: Result<HTTPResponse, TransportError>, _ state: inout CallState
    ) -> APIError {
        switch result {
        case .success(let response):
            // A refusal proves that this attempt did nothing; it does not prove it of the attempts before.
            if call.isWrite, !(400..<500).contains(response.status) { state.mayHaveTakenEffect = true }
            return refusal(of: call, response, state)
        case .failure(let failure):
            if call.isWrite, failure.mayHaveReachedServer { state.mayHaveTakenEffect = true }
            let cause: APIError.Cause =
                switch failure.reason {
                case .cancelled: .cancelled
                case .tooLarge: .malformedAnswer(failure.detail)
                case .invalidRequest, .shutDown, .deadline, .untrusted, .broken: .unreachable("\(failure)")
                }
            return APIError(
                cause: cause, call: call.endpoint.call, mayHaveTakenEffect: state.mayHaveTakenEffect)
        }
    }

    private func refusal(of call: Call, _ response: HTTPResponse, _ state: CallState) -> APIError {
        var error = APIError(
            cause: .refused(status: response.status), call: call.endpoint.call,
            mayHaveTakenEffect: state.mayHaveTakenEffect)
        // I11: what was sent may be quoted.
        let values = ValueRedaction(body: call.body)
        let token = state.token
        func redact(_ text: String) -> String {
            values.clean(ValueRedaction.hide(token.reveal(), in: text, behind: token.description))
        }
        if let envelope = ErrorEnvelope(body: response.body, redact: redact) {
            error.codes = envelope.codes
            error.messages = envelope.messages
            error.fields = envelope.fields
        }
        // A date is meant by the platform's clock, which it tells; ours may be years off.
        let now = response.headers["date"].flatMap(HTTPDate.unixSeconds) ?? scope.time.wallSeconds()
        error.retryAfter = response.headers["retry-after"].flatMap { RetryAfter.delay($0, wallSeconds: now) }
        return error
    }

    /// Pauses the scope when the platform asks for it or has too much to do; all calls wait, new ones too.
    ///
    /// Returns for how long.
    private func pauseIfAsked(
        after result: Result<HTTPResponse, TransportError>, _ error: APIError, _ attempt: Int
    ) -> Duration? {
        guard case .success(let response) = result else { return nil }
        let isOverload = RetryPolicy.isOverload(status: response.status)
        guard isOverload || error.retryAfter != nil else { return nil }
        let pause = error.retryAfter ?? options.retry.delay(afterAttempt: attempt, fraction: scope.fraction())
        scope.gate.pause(until: scope.time.now() + pause)
        return pause
    }

    private func nextStep(
        for call: Call, after result: Result<HTTPResponse, TransportError>, _ error: APIError,
        _ state: inout CallState
    ) -> NextStep {
        if error.status == 401, !state.hasRenewedToken, renewToken(&state) { return .again(nil) }
        guard call.isRepeatable, state.attempt < options.retry.attemptsMax else { return .giveUp }
        guard (error.retryAfter ?? .zero) <= options.retry.backoffMax else { return .giveUp }
        let reason: String
        switch result {
        case .success(let response):
            guard RetryPolicy.isPassing(status: response.status) else { return .giveUp }
            reason = "status \(response.status)"
        case .failure(let failure):
            guard failure.isPassing else { return .giveUp }
            reason = "\(failure)"
        }
        guard scope.budget.withLock({ $0.spend() }) else { return .giveUp }
        let delay = options.retry.delay(afterAttempt: state.attempt, fraction: scope.fraction())
        return .again(APIAttempt.Retry(reason: reason, delay: delay))
    }

    /// Takes up a token that has been put in place of the refused one; a write that was refused did nothing.
    private func renewToken(_ state: inout CallState) -> Bool {
        state.hasRenewedToken = true
        // A token that can't be read now is as good as the old one: the refusal is what the caller must hear of.
        guard let token = try? scope.tokens.successor(of: state.token) else { return false }
        state.token = token
        return true
    }

    private func report(
        _ call: Call, _ attempt: Int, _ duration: Duration, _ result: Result<HTTPResponse, TransportError>,
        retry: APIAttempt.Retry? = nil, throttle: APIAttempt.Throttle? = nil
    ) {
        var report = APIAttempt(
            call: call.endpoint.call, method: call.endpoint.method.rawValue, route: call.endpoint.route,
            attempt: attempt, duration: duration)
        switch result {
        case .success(let response): report.status = response.status
        case .failure(let failure): report.failure = "\(failure)"
        }
        report.idempotencyKey = call.idempotencyKey
        report.ifMatch = call.ifMatch?.text
        report.requestID = options.requestID
        report.retry = retry
        report.throttle = throttle
        scope.observer(report)
    }
}
