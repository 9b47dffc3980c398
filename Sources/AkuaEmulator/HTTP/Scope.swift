/// A token that the emulator takes, and what it may do.
package struct AccessToken: Sendable, Equatable {
    package enum Reach: Sendable, Equatable {
        /// Belongs to one workspace and implies it.
        case workspace(String)
        /// Sees these, or all when nil, and has to name one where a call is about one.
        case broad([String]?)
    }
    package enum Role: String, Sendable, CaseIterable { case owner, admin, member }

    package var value: String
    package var reach: Reach
    /// Clusters are deleted by owners alone.
    package var role: Role
    /// The right to import published packages.
    package var importsPackages: Bool

    package init(value: String, reach: Reach, role: Role = .owner, importsPackages: Bool = true) {
        self.value = value
        self.reach = reach
        self.role = role
        self.importsPackages = importsPackages
    }
}

/// What a request is admitted to.
struct Scope: Sendable {
    var token: AccessToken
    /// The workspace that the call is about; nil for calls that are not about one.
    var workspace: String?

    /// Whether the token sees that workspace.
    func sees(_ workspace: String) -> Bool {
        switch token.reach {
        case .workspace(let own): own == workspace
        case .broad(let list): list?.contains(workspace) ?? true
        }
    }
}

extension World {
    /// The scope of a request, from its `Authorization` and `Akua-Context`.
    func admit(
        _ route: Route, authorization: String?, context: String?, tokens: [AccessToken]
    ) throws(Refusal) -> Scope {
        guard let authorization, authorization.lowercased().hasPrefix("bearer "),
            let token = tokens.first(where: { $0.value == authorization.dropFirst("bearer ".count) })
        else { throw .unauthorized }
        var scope = Scope(token: token)
        guard route.isScoped else { return scope }
        let named = context.map { whole(.workspace, $0) }
        switch token.reach {
        case .workspace(let own):
            guard named == nil || named == own else {
                throw .forbidden("This token belongs to another workspace than Akua-Context names.")
            }
            scope.workspace = own
        case .broad:
            guard let named else {
                throw .forbidden("This token sees several workspaces: Akua-Context has to name one.")
            }
            guard scope.sees(named) else { throw .forbidden("This token does not see the workspace of Akua-Context.") }
            scope.workspace = named
        }
        guard let workspace = scope.workspace.flatMap({ workspaces[$0] }) else {
            throw .forbidden("There is no such workspace.")
        }
        if route.isWrite, !workspace.access.isAccessible {
            throw .forbidden("The workspace is \(workspace.access.rawValue).")
        }
        return scope
    }
}
