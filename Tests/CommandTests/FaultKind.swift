import AkuaEmulator
import Foundation

/// One thing that can go wrong at a request, with what may come of it.
struct FaultKind: Sendable {
    let name: String
    /// The calls that it can befall, by their names in the OpenAPI document.
    let befalls: @Sendable (String) -> Bool
    /// What the emulator is told for the n-th request of a call.
    let faults: @Sendable (_ call: String, _ nth: Int) -> [Fault]
    /// The passes after it within which everything is as it would have been.
    var passesMax = 2
    /// Effects that may be more or fewer than in the undisturbed run, such as `installs.create Install/a`; the reason is
    /// beside the row.
    var mayDiffer: @Sendable (_ effect: String) -> Bool = { _ in false }
    /// It takes as long as a deadline of the client's.
    var isSlow = false

    /// Every kind, in the order of the tables.
    static let all = cutOff + refusals + alterations + pages + operations + writers

    static func named(_ name: Substring) -> FaultKind? { all.first { $0.name == name } }

    private init(
        _ name: String, on befalls: @escaping @Sendable (String) -> Bool = { _ in true },
        _ faults: @escaping @Sendable (String, Int) -> [Fault]
    ) {
        self.name = name
        self.befalls = befalls
        self.faults = faults
    }

    /// One that strikes once, with this end.
    private init(
        _ name: String, on befalls: @escaping @Sendable (String) -> Bool = { _ in true },
        _ point: Fault.Point, _ end: Fault.End
    ) {
        self.init(name, on: befalls) { call, nth in [Fault(on: call, .nth(nth), at: point, end)] }
    }

    /// The refusal of a write that has taken effect is believed: what no read shows is then written once more.
    private var blind: FaultKind { with { $0.mayDiffer = { $0.hasPrefix("installs.setAutomaticUpdates ") } } }

    private func with(_ change: (inout FaultKind) -> Void) -> FaultKind {
        var copy = self
        change(&copy)
        return copy
    }
}

// R15: connections.
extension FaultKind {
    private static let cutOff: [FaultKind] = [
        FaultKind("drop-before", .beforeEffect, .drop), FaultKind("drop-after", .afterEffect, .drop),
        FaultKind("half-answer", .halfAnswer, .drop), FaultKind("drip", .afterEffect, .drip(.milliseconds(1))),
        FaultKind("long-length", .afterEffect, .overstated(length: 10 << 30)),
        FaultKind("hang-before", .beforeEffect, .hang).with { $0.isSlow = true },
        FaultKind("hang-after", .afterEffect, .hang).with { $0.isSlow = true },
        FaultKind("slow-drip", .afterEffect, .drip(.seconds(1))).with { $0.isSlow = true },
    ]
}

// R16, and what stands between us and the platform.
extension FaultKind {
    private static let refusals: [FaultKind] =
        [
            refusal("500-before", 500, .beforeEffect, platform(7500)),
            refusal("502-after", 502, .afterEffect, html), refusal("504-after", 504, .afterEffect, html),
            refusal("408-before", 408, .beforeEffect, html),
            refusal("503-seconds", 503, .beforeEffect, platform(7503), ["Retry-After": "1"]),
            refusal("429-seconds", 429, .beforeEffect, platform(7429), ["Retry-After": "1"]),
            refusal("429-hour", 429, .beforeEffect, platform(7429), ["Retry-After": "3600"]),
            refusal("429-absurd", 429, .beforeEffect, html, ["Retry-After": "99999999999999999999"]),
            refusal("503-nonsense", 503, .beforeEffect, [], ["Retry-After": "soon; -1"]),
            FaultKind("503-date") { call, nth in
                let date = headerDate.string(from: .now + 1)
                return [answer(call, nth, 503, .beforeEffect, [], ["Retry-After": date])]
            },
            refusal("301-here", 301, .beforeEffect, html, ["Location": "/v1/elsewhere"]),
            refusal("307-there", 307, .beforeEffect, html, ["Location": "http://127.0.0.1:9/v1/installs"]),
            refusal("401-proxy", 401, .beforeEffect, html), refusal("403-proxy", 403, .beforeEffect, html),
            refusal("403-platform", 403, .beforeEffect, platform(7004)),
            refusal("404-proxy", 404, .beforeEffect, html), refusal("410-proxy-after", 410, .afterEffect, html).blind,
            refusal("409-proxy-after", 409, .afterEffect, html).blind,
            refusal("422-platform", 422, .beforeEffect, platform(7007)),
            refusal("200-html", 200, .afterEffect, html), refusal("200-html-before", 200, .beforeEffect, html),
            refusal("200-empty", 200, .afterEffect, []), refusal("204-early", 204, .beforeEffect, []),
            refusal("200-null", 200, .afterEffect, Array("null".utf8), ["content-type": "application/json"]),
        ]

    /// As headers have it (RFC 9110 §5.6.7).
    private static let headerDate: DateFormatter = {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter
    }()

    private static let html = Array("<html><body><h1>Something is in between</h1></body></html>".utf8)

    private static func platform(_ code: Int) -> [UInt8] {
        Array(#"{"success":false,"errors":[{"code":\#(code),"message":"Asked for by a test."}],"result":{}}"#.utf8)
    }

    private static func refusal(
        _ name: String, _ status: Int, _ point: Fault.Point, _ body: [UInt8], _ headers: [String: String] = [:]
    ) -> FaultKind {
        FaultKind(name) { call, nth in [answer(call, nth, status, point, body, headers)] }
    }

    private static func answer(
        _ call: String, _ nth: Int, _ status: Int, _ point: Fault.Point, _ body: [UInt8], _ headers: [String: String]
    ) -> Fault {
        var headers = headers.map { (name: $0.key, value: $0.value) }
        if body == html { headers.append(("content-type", "text/html")) }
        return Fault(on: call, .nth(nth), at: point, .answer(status: status, headers: headers, body: body))
    }
}

// R17: answers that can't be right, and those that must be taken.
extension FaultKind {
    private static let alterations: [FaultKind] = [
        Alteration.truncated, .wrongTypes, .nulls, .missing, .extraFields, .unknownWords, .duplicateKeys, .deepNesting,
        .loneSurrogate, .otherID, .plainText, .padded,
    ].map { FaultKind($0.rawValue, .afterEffect, .altered($0)) }

    private static let pages: [FaultKind] = [Alteration.sameCursor, .endlessCursor, .noCursor].map { alteration in
        FaultKind(alteration.rawValue, on: { $0.hasSuffix(".list") }) { call, _ in
            [Fault(on: call, .always, .altered(alteration))]
        }
    }

    private static let operations: [FaultKind] = [
        // What failed is asked for once more; what was to be created is there all the same, and repaired (I1).
        FaultKind("operation-fails", on: startsOperation) { [script(.fail, 0, $0, $1)] }.with {
            $0.mayDiffer = { !$0.hasPrefix("installs.create ") }
        },
        FaultKind("operation-fails-late", on: startsOperation) { [script(.fail, 1, $0, $1)] }.with {
            $0.mayDiffer = { !$0.hasPrefix("installs.create ") }
        },
        FaultKind("operation-retries", on: startsOperation) { [script(.retry, 0, $0, $1)] },
        // The platform has forgotten it: neither the wait nor a read finds it in this pass.
        FaultKind("operation-vanishes", on: { $0 == "operations.wait" }) { _, nth in
            let gone = Fault.End.answer(
                status: 404, headers: [("content-type", "application/json")], body: platform(7002))
            return [
                Fault(on: "operations.wait", .nth(nth), gone), Fault(on: "operations.get", .always, gone),
            ]
        },
        // Said to be done while it runs, and then to run again.
        FaultKind("operation-back-from-done", on: { $0 == "operations.wait" }) { call, nth in
            // Asked for when it has hardly begun.
            [Fault(on: call, .nth(nth), .altered(.doneEarly))]
        },
    ]

    private static func script(_ turn: OperationScript.Turn, _ step: Int, _ call: String, _ nth: Int) -> Fault {
        var fault = Fault(on: call, .nth(nth))
        fault.script = OperationScript(turn, atStep: step)
        return fault
    }

    @Sendable private static func startsOperation(_ call: String) -> Bool {
        [
            "installs.create", "installs.delete", "installs.updateVersion", "installs.createRender", "clusters.create",
            "clusters.delete", "packages.create",
        ].contains(call)
    }
}

// R10: somebody else, between our read and our write.
extension FaultKind {
    private static let writers: [FaultKind] = [
        FaultKind("touched", on: takesETag) { [preempted(.touched, $0, $1)] },
        // Somebody moves it to another version: whoever declares it moves it back.
        FaultKind("moved", on: takesETag) { [preempted(.moved, $0, $1)] }.with {
            $0.mayDiffer = { $0.contains("installs.updateVersion") || $0.contains("installs.createRender") }
        },
        // Somebody deletes it: what is declared is made again, and what was to be deleted is not deleted by us.
        FaultKind("deleted", on: { takesETag($0) || $0 == "installs.createRender" }) {
            [preempted(.deleted, $0, $1)]
        }.with { $0.mayDiffer = { $0.contains("installs.") } },
    ]

    private static func preempted(_ meanwhile: Meanwhile, _ call: String, _ nth: Int) -> Fault {
        var fault = Fault(on: call, .nth(nth))
        fault.meanwhile = meanwhile
        return fault
    }

    @Sendable private static func takesETag(_ call: String) -> Bool {
        ["installs.updateVersion", "installs.setAutomaticUpdates", "installs.delete", "clusters.update"].contains(call)
    }
}
