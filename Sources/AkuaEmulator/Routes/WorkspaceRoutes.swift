import JSON

extension World {
    mutating func listWorkspaces(_ call: Call) throws(Refusal) -> Answer {
        let scope = call.scope
        let listing = Listing<WorkspaceRecord>(key: .allWorkspaces, filter: scope.token.value) { scope.sees($0.id) }
        return try page(\.workspaces, listing, of: call)
    }

    mutating func getWorkspace(_ call: Call) throws(Refusal) -> Answer { show(\.workspaces, try workspace(call).id) }

    mutating func getAccessState(_ call: Call) throws(Refusal) -> Answer {
        Answer(status: 200, body: JSONWriter().bytes(of: try workspace(call).accessState(style)))
    }

    private func workspace(_ call: Call) throws(Refusal) -> WorkspaceRecord {
        let id = whole(.workspace, call.id())
        guard let workspace = workspaces[id], call.scope.sees(id) else { throw .notFound(.workspace, call.id()) }
        return workspace
    }

    mutating func listRegions(_ call: Call) throws(Refusal) -> Answer {
        try page(\.regions, Listing(key: ListKey(.region, of: call.workspace)), of: call)
    }

    /// A name may occur twice: regions are labels.
    mutating func createRegion(_ call: Call) throws(Refusal) -> Answer {
        let (name, icon) = try read(call) { ($0.text("name", 1...100), $0.optionalText("icon", 0...256)) }
        let id = insertRegion(name: name, icon: icon, in: call.workspace)
        return show(\.regions, id, status: 201, effects: [.init(kind: .region, id: id, change: "created")])
    }

    mutating func insertRegion(name: String, icon: String? = nil, in workspace: String) -> String {
        let id = newID(.region)
        regions.insert(
            RegionRecord(id: id, serial: tick(), workspace: workspace, name: name, icon: icon, createdAt: now))
        return id
    }
}
