import JSON

extension World {
    /// Does what the call asks for, or answers as before when its key was used already.
    mutating func perform(_ route: Route, _ call: Call) throws(Refusal) -> Answer {
        try checkHeaders(of: call, for: route)
        guard route.key != .none, let key = call.idempotencyKey else { return try answer(route.endpoint, call) }
        let name = ReceiptRecord.name(workspace: call.workspace, call: route.endpoint.rawValue, key: key)
        let fingerprint = Self.fingerprint(of: call)
        if let receipt = receipts[name], !isForgotten(receipt) {
            if receipt.fingerprint != fingerprint, switches.keyReuse == .conflict {
                throw .conflict("The idempotency key was used before with another request.")
            }
            return try replay(receipt)
        }
        let answer = try answer(route.endpoint, call)
        receipts.remove(name)
        receipts.insert(
            ReceiptRecord(
                id: name, serial: tick(), fingerprint: fingerprint, status: answer.status,
                answer: String(decoding: answer.body, as: UTF8.self), replay: answer.replay ?? .answer, createdAt: now))
        return answer
    }

    private func checkHeaders(of call: Call, for route: Route) throws(Refusal) {
        func check(_ value: String?, _ name: String, _ demand: Route.Demand, max: Int, missing: Int) throws(Refusal) {
            if value == nil, demand == .required {
                throw Refusal(
                    status: missing,
                    [.init(code: .invalid, message: "The header \(name) is required.", path: ["headers", name])])
            }
            guard let value, demand != .none else { return }
            guard (1...max).contains(value.utf16.count) else {
                throw .badRequest("The header \(name) must have 1 to \(max) characters.", at: ["headers", name])
            }
        }
        try check(call.idempotencyKey, "idempotency-key", route.key, max: 64, missing: 400)
        let etagMax = route.endpoint == .operationsCancel ? 64 : 256
        try check(
            call.ifMatch, "if-match", route.ifMatch, max: etagMax, missing: switches.missingIfMatchStatus)
    }

    private func isForgotten(_ receipt: ReceiptRecord) -> Bool {
        switches.keyRetentionSeconds > 0 && receipt.createdAt + 1_000 * switches.keyRetentionSeconds < now
    }

    /// Tells a request from another with the same key: what it is about and its body as data.
    private static func fingerprint(of call: Call) -> UInt64 {
        let about: JSONValue = .object {
            for (name, value) in call.parameters { $0[name] = .string(value) }
            $0["ifMatch"] = JSONValue(orNull: call.ifMatch)
            $0["body"] = call.body ?? .null
        }
        return Fingerprint.number(JSONWriter(order: .sorted).bytes(of: about))
    }

    private mutating func replay(_ receipt: ReceiptRecord) throws(Refusal) -> Answer {
        let known: [UInt8]? =
            switch receipt.replay {
            case .operation(let id): operations[id].map { JSONWriter().bytes(of: $0.fullWire(style)) }
            case .package(let id): packages[id].map { _ in packages.wire(of: id, style) }
            case .cluster(let id): clusters[id].map { _ in clusters.wire(of: id, style) }
            case .product(let id): products[id].map { _ in products.wire(of: id, style) }
            case .render(let id): renders[id].map { _ in renders.wire(of: id, style) }
            case .answer: Array(receipt.answer.utf8)
            }
        if known == nil || isAboutDeletedInstall(receipt) {
            switch switches.deletedReplay {
            case .old: break
            case .gone: throw Refusal(status: 410, [.init(code: .gone, message: "What this key made is gone.")])
            case .conflict: throw .conflict("What this key made is gone.")
            }
        }
        return Answer(status: receipt.status, body: known ?? Array(receipt.answer.utf8), isReplay: true)
    }

    private func isAboutDeletedInstall(_ receipt: ReceiptRecord) -> Bool {
        guard case .operation(let id) = receipt.replay, let operation = operations[id] else { return false }
        return operation.job == .installCreate && installs[operation.ownerID]?.isLive != true
    }
}

extension World {
    /// An object of the call's workspace by the id in its path.
    func find<R: Owned>(_ table: Table<R>, _ id: String, for call: Call) throws(Refusal) -> R {
        guard let record = table[whole(R.kind, id)], record.workspace == call.workspace else {
            throw .notFound(R.kind, id)
        }
        return record
    }

    /// An object of the call's workspace that a field of the body refers to.
    func referred<R: Owned>(_ table: Table<R>, _ id: String, by field: String, for call: Call) throws(Refusal) -> R {
        guard let record = table[whole(R.kind, id)], record.workspace == call.workspace else {
            throw .notFound(R.kind, id, at: ["body", field])
        }
        return record
    }

    /// Throws unless `If-Match` names the object's state; bare and quoted are the same.
    func checkETag<R: Versioned>(of record: R, for call: Call) throws(Refusal) {
        guard let sent = call.ifMatch else { return }
        let bare =
            sent.hasPrefix("\"") && sent.hasSuffix("\"") && sent.count > 1 ? String(sent.dropFirst().dropLast()) : sent
        guard bare != String(record.revision) else { return }
        let key = switches.conflictMetadataKey
        let metadata = key.isEmpty ? [:] : [key: style.etagText(record.revision)]
        throw Refusal(
            status: switches.staleStatus,
            [
                .init(
                    code: .conflict, message: "ABORTED: the \(R.kind.noun) has changed since it was read.",
                    metadata: metadata)
            ])
    }

    /// The body's fields, whose faults have the status that the switch says.
    func read<Value>(_ call: Call, _ body: (inout Fields) -> Value) throws(Refusal) -> Value {
        var fields = Fields(call.body)
        let value = body(&fields)
        do {
            try fields.close()
        } catch {
            throw Refusal(status: switches.invalidBodyStatus, error.issues)
        }
        return value
    }

    /// The answer that shows one object.
    mutating func show<R: Record>(
        _ table: WritableKeyPath<World, Table<R>>, _ id: String, status: Int = 200,
        effects: [Answer.Effect] = [], replay: ReceiptRecord.Replay? = nil
    ) -> Answer {
        Answer(status: status, body: self[keyPath: table].wire(of: id, style), effects: effects, replay: replay)
    }

    /// The answer that shows an operation with its steps.
    func showOperation(_ id: String, status: Int = 202, effects: [Answer.Effect] = []) -> Answer {
        let body = operations[id].map { JSONWriter().bytes(of: $0.fullWire(style)) } ?? []
        let started = Answer.Effect(kind: .operation, id: id, change: "started")
        return Answer(status: status, body: body, effects: effects + [started], replay: .operation(id))
    }
}
