import JSON

/// The control API: faults, the request log, switches, time, and the state as it really is.
///
/// It takes no token, and answers only to this machine.
struct ControlRoutes: Sendable {
    static let base = "/_emulator"

    let core: Core

    func respond(to request: IncomingRequest, isLocal: Bool) -> Reply {
        do throws(Refusal) {
            guard isLocal else { throw .forbidden("The control API answers to this machine alone.") }
            guard let query = Query(request.query?[...] ?? "") else { throw .badRequest("The query is malformed.") }
            let path = request.path.dropFirst(Self.base.count).split(separator: "/").map(String.init)
            return Reply(json: try answer(request, path, query))
        } catch {
            return Reply(error, .openAPI)
        }
    }

    private func answer(_ request: IncomingRequest, _ path: [String], _ query: Query) throws(Refusal) -> JSONValue {
        switch (request.method, path.first ?? "", path.dropFirst().first) {
        case ("GET", "faults", nil): return ["faults": core.faults.json]
        case ("POST", "faults", nil): return try addFaults(try request.json() ?? .null)
        case ("DELETE", "faults", let number): return try removeFaults(number)
        case ("GET", "requests", nil):
            let after = try query.number("after", in: 0...Int.max) ?? 0
            return ["requests": .array(core.log.requests(after: after).map(\.wire))]
        case ("DELETE", "requests", nil):
            core.log.clear()
            return [:]
        case ("GET", "counts", nil): return counts
        case ("GET", "switches", nil): return core.withWorld { $0.switches.json }
        case ("POST", "switches", nil): return try setSwitches(try request.json() ?? .null)
        case ("GET", "state", nil): return core.withWorld { $0.dump() }
        case ("GET", "clock", nil): return clock
        case ("POST", "clock", nil): return try setClock(try request.json() ?? .null)
        case ("POST", "drift", nil): return try drift(try request.json() ?? .null)
        case ("POST", "seed", nil):
            let population = try Population(try request.json() ?? .null)
            return try core.withWorld { world throws(Refusal) in try world.populate(population) }.json
        case ("POST", "artifacts", nil): return try registerArtifacts(try request.json() ?? .null)
        case ("POST", "workspaces", nil): return try addWorkspace(try request.json() ?? .null)
        case ("POST", "tokens", nil): return try setTokens(try request.json() ?? .null)
        default:
            throw Refusal(
                status: 404, [.init(code: .notFound, message: "There is no \(request.method) \(request.path) here.")])
        }
    }

    private func addFaults(_ body: JSONValue) throws(Refusal) -> JSONValue {
        var faults: [Fault] = []
        for rule in body["rules"]?.array ?? [body] { faults.append(try Fault(rule)) }
        return ["ids": .array(faults.map { .number(JSONNumber(core.faults.add($0))) })]
    }

    private func removeFaults(_ text: String?) throws(Refusal) -> JSONValue {
        guard let text else {
            core.faults.remove()
            return [:]
        }
        guard let number = Int(text) else { throw .badRequest("A fault has a number.") }
        core.faults.remove(number)
        return [:]
    }

    private var counts: JSONValue {
        let counts = core.log.counts
        return [
            "calls": .object { members in
                for (call, count) in counts.byCall.sorted(by: { $0.key < $1.key }) {
                    members[call] = .number(JSONNumber(count))
                }
            },
            "in_flight_max": .number(JSONNumber(counts.inFlightMax)),
        ]
    }

    private func setSwitches(_ body: JSONValue) throws(Refusal) -> JSONValue {
        try core.withWorld { world throws(Refusal) in
            var switches = world.switches
            for member in body.object ?? JSONObject() {
                do throws(SwitchError) {
                    try switches.set(member.name, to: member.value)
                } catch {
                    throw .badRequest(error.description, at: ["body", member.name])
                }
            }
            world.switches = switches
            return switches.json
        }
    }

    private var clock: JSONValue {
        [
            "now_ms": .number(JSONNumber(core.withWorld { $0.now })),
            "pending": .bool(core.withWorld { $0.agenda.nextDue != nil }),
        ]
    }

    private func setClock(_ body: JSONValue) throws(Refusal) -> JSONValue {
        var fields = Fields(body)
        let advance = fields.optionalNumber("advance_ms")?.int
        let scale = fields.optionalNumber("scale")?.double
        let isManual = fields.optionalFlag("manual")
        let goesToRest = fields.optionalFlag("to_rest") ?? false
        try fields.close()
        if isManual == true {
            core.clock.setScale(nil)
        } else if let scale {
            core.clock.setScale(scale)
        }
        if let advance { core.clock.advance(milliseconds: max(0, advance)) }
        core.clockChanged()
        if goesToRest { core.runToRest() }
        return clock
    }
}

extension ControlRoutes {
    private func drift(_ body: JSONValue) throws(Refusal) -> JSONValue {
        var changes: [Drift] = []
        for change in body["changes"]?.array ?? [body] { changes.append(try Drift(change)) }
        return try core.withWorld { world throws(Refusal) in
            for change in changes { try world.apply(change) }
            return [:]
        }
    }

    private func registerArtifacts(_ body: JSONValue) throws(Refusal) -> JSONValue {
        for artifact in body["artifacts"]?.array ?? [body] {
            var fields = Fields(artifact)
            let ociRef = fields.text("oci_ref", 1...2_048)
            let (ref, schema) = (fields.text("ref", 1...512), fields.anyObject("input_schema"))
            try fields.close()
            core.withWorld { $0.register(ociRef: ociRef, ref: ref, inputSchema: schema) }
        }
        return [:]
    }

    private func addWorkspace(_ body: JSONValue) throws(Refusal) -> JSONValue {
        var fields = Fields(body)
        let workspace = EmulatorOptions.InitialWorkspace(
            id: fields.text("id", 1...53) { $0.hasPrefix(Kind.workspace.prefix) }, name: fields.text("name", 1...100))
        try fields.close()
        core.withWorld { $0.ensureWorkspace(workspace) }
        return [:]
    }

    /// Replaces all tokens: what is not in the list is revoked.
    private func setTokens(_ body: JSONValue) throws(Refusal) -> JSONValue {
        var tokens: [AccessToken] = []
        for token in body["tokens"]?.array ?? [] {
            var fields = Fields(token)
            let value = fields.text("value", 1...500)
            let workspace = fields.optionalText("workspace", 1...53)
            let workspaces = fields.optionalAny("workspaces")?.array?.compactMap(\.string)
            let role = fields.word("role", of: AccessToken.Role.allCases.map(\.rawValue))
            let imports = fields.optionalFlag("imports_packages") ?? true
            try fields.close()
            tokens.append(
                AccessToken(
                    value: value, reach: workspace.map(AccessToken.Reach.workspace) ?? .broad(workspaces),
                    role: role.flatMap(AccessToken.Role.init) ?? .owner, importsPackages: imports))
        }
        core.setTokens(tokens)
        return [:]
    }
}

extension RecordedRequest {
    /// As the control API shows it.
    var wire: JSONValue {
        .object {
            $0["number"] = .number(JSONNumber(number))
            $0["time_ms"] = .number(JSONNumber(time))
            $0["method"] = .string(method)
            $0["path"] = .string(path)
            $0["query"] = JSONValue(orNull: query)
            $0["call"] = JSONValue(orNull: call)
            $0["headers"] = .array(headers.map { [.string($0.name), .string($0.value)] })
            $0["token"] = token.map { .number(JSONNumber($0)) } ?? .null
            $0["idempotency_key"] = JSONValue(orNull: idempotencyKey)
            $0["if_match"] = JSONValue(orNull: ifMatch)
            $0["body"] = json ?? (body.isEmpty ? .null : .string(String(decoding: body, as: UTF8.self)))
            $0["status"] = status.map { .number(JSONNumber($0)) } ?? .null
            $0["effects"] = .array(
                effects.map { ["kind": .string($0.kind), "id": .string($0.id), "change": .string($0.change)] })
            $0["replay"] = .bool(isReplay)
            $0["fault"] = fault.map { .number(JSONNumber($0)) } ?? .null
        }
    }
}
