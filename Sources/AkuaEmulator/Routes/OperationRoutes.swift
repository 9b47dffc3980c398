import JSON

extension World {
    /// Newest first; both filters or none.
    ///
    /// The call takes no `Akua-Context`: a token that sees several workspaces gets the operations of them all.
    mutating func listOperations(_ call: Call) throws(Refusal) -> Answer {
        forgetOldOperations()
        let types = [
            "install", "repository_change_request", "repository", "workspace", "machine", "cluster", "package",
        ]
        let type = try call.query.word("owner_type", of: types)
        let owner = call.query["owner_id"]
        guard (type == nil) == (owner == nil) else {
            throw .badRequest(
                "query.owner_type and query.owner_id go together.",
                at: ["query", type == nil ? "owner_type" : "owner_id"])
        }
        let scope = call.scope
        var listing = Listing<OperationRecord>(key: .allOperations, newestFirst: true, filter: scope.token.value) {
            scope.sees($0.workspace)
        }
        if let type, let owner {
            let id = Kind(rawValue: type).map { whole($0, owner) } ?? owner
            listing = Listing(key: ListKey(.operation, of: id), newestFirst: true, filter: type) {
                scope.sees($0.workspace) && $0.ownerType.rawValue == type
            }
        } else if case .workspace(let own) = scope.token.reach {
            listing = Listing(key: ListKey(.operation, of: own), newestFirst: true)
        }
        return try page(\.operations, listing, of: call)
    }

    mutating func getOperation(_ call: Call) throws(Refusal) -> Answer {
        forgetOldOperations()
        let operation = try operation(call)
        return Answer(status: 200, body: JSONWriter().bytes(of: operation.fullWire(style)))
    }

    /// Asks it to stop, which it does in its own time.
    mutating func cancelOperation(_ call: Call) throws(Refusal) -> Answer {
        let operation = try operation(call)
        guard !operation.isDone else { throw .unprocessable("The operation is \(operation.state.rawValue) already.") }
        cancel(operation.id)
        var answer = showOperation(operation.id)
        answer.effects = [.init(kind: .operation, id: operation.id, change: "changed")]
        return answer
    }

    /// The operation of the path.
    func operation(_ call: Call) throws(Refusal) -> OperationRecord {
        guard let operation = operations[whole(.operation, call.id())],
            call.scope.workspace.map({ $0 == operation.workspace }) ?? call.scope.sees(operation.workspace)
        else { throw .notFound(.operation, call.id()) }
        return operation
    }
}
