import JSON

extension World {
    mutating func listRepositories(_ call: Call) throws(Refusal) -> Answer {
        let purpose = try call.query.word("purpose", of: ["deploy", "package", "repository_change_request"])
        let isFull = try call.query.word("view", of: ["basic", "full"]) == "full"
        return try page(
            \.repositories,
            Listing(
                key: ListKey(.repository, of: call.workspace), filter: "\(purpose ?? "") \(isFull)",
                includes: { purpose == nil || purpose == $0.purpose.word },
                wire: isFull ? { $0.fullWire($1) } : nil), of: call)
    }

    mutating func getRepository(_ call: Call) throws(Refusal) -> Answer {
        let repository = try find(repositories, call.id(), for: call)
        guard try call.query.word("view", of: ["basic", "full"]) == "full" else {
            return show(\.repositories, repository.id)
        }
        return Answer(status: 200, body: JSONWriter().bytes(of: repository.fullWire(style)))
    }
}
