package import Foundation
import JSON

/// One thing that is to go wrong, with the requests it befalls.
package struct Fault: Sendable {
    /// Which requests are meant; what is nil matches all.
    package struct Match: Sendable {
        /// The call's name in the OpenAPI document, such as `installs.create`.
        package var call: String?
        package var method: String?
        /// A regular expression for a part of the path.
        package var path: NSRegularExpression?
        package var idempotencyKey: String?

        package init(
            call: String? = nil, method: String? = nil, path: NSRegularExpression? = nil, idempotencyKey: String? = nil
        ) {
            self.call = call
            self.method = method
            self.path = path
            self.idempotencyKey = idempotencyKey
        }
    }

    /// Which of the requests that match.
    package enum Occasion: Sendable, Equatable {
        case always
        /// That one alone, counted from 1.
        case nth(Int)
        /// Each so many.
        case every(Int)
        /// With that chance, from the emulator's seed.
        case probability(Double)
    }

    /// When in the life of a request.
    package enum Point: String, Sendable, CaseIterable {
        /// The emulator has read the request and done nothing.
        case beforeEffect = "before_effect"
        /// It has done what was asked, and sent no answer.
        case afterEffect = "after_effect"
        /// It has sent the head and half of the body.
        case halfAnswer = "half_answer"
        /// It has sent all.
        case afterAnswer = "after_answer"
    }

    /// What the client gets, if not what the call would answer.
    package enum End: Sendable {
        case ordinary
        /// The connection is closed.
        case drop
        /// Nothing comes, and the connection stays open.
        case hang
        case answer(status: Int, headers: [(name: String, value: String)], body: [UInt8])
        /// The true answer, changed; whatever the point, once the effect is there.
        case altered(Alteration)
        /// The true answer byte by byte, with this pause after each.
        case drip(Duration)
        /// The true answer, with a promise of so many bytes that never come.
        case overstated(length: Int)
    }

    package var match = Match()
    package var occasion = Occasion.always
    /// How often it happens at most.
    package var timesMax: Int?
    package var point = Point.beforeEffect
    package var delay = Duration.zero
    /// A process that is killed at that point.
    package var killsProcess: Int32?
    /// What somebody else does to the object of the path, before anything else happens.
    package var meanwhile: Meanwhile?
    package var end = End.ordinary
    /// What becomes of the operation that the request starts.
    package var script: OperationScript?

    /// What happens to each request of a call, or to all requests when `call` is nil.
    package init(
        on call: String? = nil, _ occasion: Occasion = .always, at point: Point = .beforeEffect, _ end: End = .ordinary
    ) {
        match.call = call
        self.occasion = occasion
        self.point = point
        self.end = end
    }
}

extension Fault {
    /// Reads a rule of the control API.
    init(_ json: JSONValue) throws(Refusal) {
        self.init()
        var fields = Fields(json)
        if fields.has("match") {
            _ = fields.nested("match") { match in
                self.match.call = match.optionalText("call", 1...100)
                self.match.method = match.word("method", of: ["GET", "POST", "PATCH", "DELETE"])
                self.match.idempotencyKey = match.optionalText("idempotency_key", 1...64)
                if let pattern = match.optionalText("path", 1...1_000) {
                    do {
                        self.match.path = try NSRegularExpression(pattern: pattern)
                    } catch {
                        match.complain("is no regular expression", "path")
                    }
                }
            }
        }
        if fields.has("when") { _ = fields.nested("when") { self.readOccasion(&$0) } }
        _ = fields.nested("do") { self.readAct(&$0) }
        try fields.close()
    }

    private mutating func readOccasion(_ when: inout Fields) {
        if let nth = when.optionalNumber("nth")?.int { occasion = .nth(nth) }
        if let every = when.optionalNumber("every")?.int { occasion = .every(max(1, every)) }
        if let chance = when.optionalNumber("probability")?.double { occasion = .probability(chance) }
        timesMax = when.optionalNumber("times")?.int
    }

    private mutating func readAct(_ act: inout Fields) {
        point = act.word("at", of: Point.allCases.map(\.rawValue)).flatMap(Point.init) ?? .beforeEffect
        delay = .milliseconds(act.optionalNumber("delay_ms")?.int ?? 0)
        killsProcess = act.optionalNumber("kill_pid")?.int.flatMap(Int32.init(exactly:))
        if act.has("kill_pid"), (killsProcess ?? 0) <= 1 { act.complain("must name an ordinary process", "kill_pid") }
        let (drops, hangs) = (act.optionalFlag("drop") ?? false, act.optionalFlag("hang") ?? false)
        let status = act.optionalNumber("status")?.int
        let headers = act.optionalTexts("headers").map { (name: $0.key, value: $0.value) }
        let body = act.optionalAny("body").map { JSONWriter().bytes(of: $0) }
        let text = act.optionalText("text", 0...1_000_000).map { Array($0.utf8) }
        meanwhile = act.word("meanwhile", of: Meanwhile.allCases.map(\.rawValue)).flatMap(Meanwhile.init)
        let alteration = act.word("alter", of: Alteration.allCases.map(\.rawValue)).flatMap(Alteration.init)
        let drip = act.optionalNumber("drip_ms")?.int
        let length = act.optionalNumber("content_length")?.int
        if let alteration {
            end = .altered(alteration)
        } else if let drip {
            end = .drip(.milliseconds(max(0, drip)))
        } else if let length {
            end = .overstated(length: length)
        } else if drops {
            end = .drop
        } else if hangs {
            end = .hang
        } else if let status, (200..<600).contains(status) {
            end = .answer(status: status, headers: headers, body: body ?? text ?? [])
        } else if status != nil {
            act.complain("must be 200 to 599", "status")
        }
        guard act.has("operation") else { return }
        script = act.nested("operation") { operation in
            let turn = operation.word("turn", of: OperationScript.Turn.allCases.map(\.rawValue), isRequired: true)
            return OperationScript(
                turn.flatMap(OperationScript.Turn.init) ?? .fail, atStep: operation.optionalNumber("step")?.int ?? 0,
                message: operation.optionalText("message", 1...1_000) ?? "asked for by a fault")
        }
    }

    /// The rule in the words of the control API, without the bodies of answers.
    var json: JSONValue {
        let match: JSONValue = .object {
            $0.set("call", ifPresent: self.match.call.map(JSONValue.string))
            $0.set("method", ifPresent: self.match.method.map(JSONValue.string))
            $0.set("path", ifPresent: self.match.path.map { .string($0.pattern) })
            $0.set("idempotency_key", ifPresent: self.match.idempotencyKey.map(JSONValue.string))
        }
        let when: JSONValue = .object {
            switch occasion {
            case .always: break
            case .nth(let number): $0["nth"] = .number(JSONNumber(number))
            case .every(let count): $0["every"] = .number(JSONNumber(count))
            case .probability(let chance):
                $0.set("probability", ifPresent: JSONNumber(text: "\(chance)").map(JSONValue.number))
            }
            $0.set("times", ifPresent: timesMax.map { .number(JSONNumber($0)) })
        }
        let act: JSONValue = .object {
            $0["at"] = .string(point.rawValue)
            if delay > .zero { $0["delay_ms"] = .number(JSONNumber(Int(delay / .milliseconds(1)))) }
            $0.set("kill_pid", ifPresent: killsProcess.map { .number(JSONNumber(Int($0))) })
            $0.set("meanwhile", ifPresent: meanwhile.map { .string($0.rawValue) })
            switch end {
            case .ordinary: break
            case .altered(let alteration): $0["alter"] = .string(alteration.rawValue)
            case .drip(let pause): $0["drip_ms"] = .number(JSONNumber(Int(pause / .milliseconds(1))))
            case .overstated(let length): $0["content_length"] = .number(JSONNumber(length))
            case .drop: $0["drop"] = true
            case .hang: $0["hang"] = true
            case .answer(let status, _, _): $0["status"] = .number(JSONNumber(status))
            }
            $0.set("operation", ifPresent: script.map { ["turn": .string($0.turn.rawValue)] })
        }
        return ["match": match, "when": when, "do": act]
    }
}
