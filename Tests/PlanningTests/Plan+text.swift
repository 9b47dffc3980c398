import Manifests
import Planning

extension Plan {
    /// The plan as lines that a table can hold.
    ///
    /// Each kind of line comes in the plan's order:
    ///
    /// - `create Install/eu declared [block] ~ Install/db < render Install/db`: an action with its reason, its block, the
    ///   objects whose health it waits for, and the actions on *other* objects that it comes after;
    /// - `! Install/eu immutable`: a hold;
    /// - `= share Package/checkout pkg_1`: bookkeeping;
    /// - `stop behind Install/eu`.
    var lines: [String] {
        var lines: [String] = []
        switch stop {
        case .behind(let object, _)?: lines.append("stop behind \(object)")
        case .otherSource(let object, let source)?: lines.append("stop other-source \(object) \(source)")
        case nil: break
        }
        return lines + actions.map(\.line) + holds.map { "! \($0.target) \($0.code.rawValue)" }
            + bookkeeping.map(\.line)
    }

    /// The action with that name, such as `update Install/eu`.
    func action(_ name: String) -> Action? { actions.first { $0.id.description == name } }
}

extension Action {
    fileprivate var line: String {
        var line = "\(id) \(reason.code)"
        if let block { line += " [\(block.rawValue)]" }
        if !gates.isEmpty { line += " ~ " + gates.map(\.object.description).joined(separator: ", ") }
        let others = after.filter { $0.target != target }.map(\.description).sorted()
        return others.isEmpty ? line : line + " < " + others.joined(separator: ", ")
    }
}

extension Bookkeeping {
    fileprivate var line: String {
        switch self {
        case .share(let target, let id): "= share \(target) \(id)"
        case .orphan(let target, let id): "= orphan \(target) \(id)"
        case .protect(let target, let protection): "= protect \(target) \(protection?.rawValue ?? "no more")"
        case .gone(let target): "= gone \(target)"
        case .release(let target, let code): "= release \(target) \(code.rawValue)"
        case .confirmVersion(let target): "= confirm-version \(target)"
        case .healthy(let target, _): "= healthy \(target)"
        case .inSync(let target, _): "= in-sync \(target)"
        }
    }
}
