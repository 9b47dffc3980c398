import AkuaModel
import Manifests

/// The marks that explicit renders leave in their messages: the last means to find an install again, and the only sign
/// of another daemon's work.
extension PlanBuilder {
    enum Markers {
        case markers([RenderMarker])
        case pending
        case failed(String)
    }

    /// The marks of an install's renders, newest first.
    mutating func markers(of id: InstallID) -> Markers {
        switch observed.renders[id] {
        case nil:
            need(.renders(id))
            return .pending
        case .failed(let sentence): return .failed(sentence)
        case .value(let renders): return .markers(renders.compactMap { $0.message.flatMap(RenderMarker.init) })
        }
    }

    /// The newest mark that this source left of an object, and whether the render that bears it is rolled out: one that
    /// runs may fail yet.
    func newestMark(of object: ObjectReference, on id: InstallID) -> (mark: RenderMarker, isRolledOut: Bool)? {
        guard case .value(let renders)? = observed.renders[id] else { return nil }
        return renders.lazy.compactMap { render in
            render.message.flatMap(RenderMarker.init).map { mark in
                (mark: mark, isRolledOut: render.state.is(.deployed) || render.state.is(.skipped))
            }
        }.first { isOurs($0.mark) && $0.mark.object == object }
    }

    /// Whether this source left it, under whatever name it had.
    func isOurs(_ marker: RenderMarker) -> Bool {
        marker.source == input.source.name || input.formerNames.contains(marker.source)
    }

    /// The installs that nothing else accounts for, by what their newest mark says they are.
    enum Marks {
        case byObject([ObjectReference: [(install: Install, source: String)]])
        case pending
        case failed(String)
    }

    /// Without a journal: an install that this source has marked is used but not owned, since a mark identifies and
    /// never entitles to delete (I13); one that another source has marked for this name stops this source (I18).
    mutating func life(byMarkOf declared: DeclaredInstall) -> InstallLife? {
        let marks = marks ?? readMarks()
        self.marks = marks
        switch marks {
        case .pending: return .pending
        case .failed(let sentence): return .held(.readFailed, sentence)
        case .byObject(let installs):
            guard let marked = installs[declared.reference] else { return nil }
            let ours = marked.filter { $0.source == input.source.name || input.formerNames.contains($0.source) }
            if ours.count > 1 {
                let list = Self.list(ours.map(\.install.id.text))
                return .held(
                    .ambiguous, "more than one live install is marked as this: \(list); say which with installID")
            }
            if let install = ours.first?.install { return adoption(of: install, declared, .shared) }
            guard let other = marked.first else { return nil }
            stop(.otherSource(declared.reference, source: other.source))
            return .held(.identityConflict, "install \(other.install.id) is marked by source '\(other.source)'")
        }
    }

    /// Reads the renders of every install that could be a declared one.
    private mutating func readMarks() -> Marks {
        guard let installs = index.installs else {
            need(.installs)
            return .pending
        }
        guard let narrowed = candidates() else { return .pending }
        var byObject: [ObjectReference: [(install: Install, source: String)]] = [:]
        var isPending = false
        for install in installs.objects.sorted(by: { $0.id < $1.id })
        where install.customerWorkspaceID == input.source.workspace && narrowed.contain(install)
            && owners[LiveReference(.install, install.id.text)] == nil
            && !input.circumstances.neighbours.contains(install.id.text)
        {
            switch markers(of: install.id) {
            case .pending: isPending = true
            case .failed(let sentence): return .failed(sentence)
            case .markers(let markers):
                guard let newest = markers.first else { continue }
                byObject[newest.object, default: []].append((install, newest.source))
            }
        }
        return isPending ? .pending : .byObject(byObject)
    }

    /// What declared installs run; it narrows the installs whose renders are worth reading, and never identifies one.
    private struct Candidates {
        var versions: Set<PackageVersionID> = []
        var products: Set<ProductID> = []

        func contain(_ install: Install) -> Bool {
            install.productID.map(products.contains) ?? versions.contains(install.packageVersionID)
        }
    }

    /// Nil while something is still to be read.
    private mutating func candidates() -> Candidates? {
        var candidates = Candidates()
        var isPending = false
        var seen: Set<Reference> = []
        for install in declarations.installs {
            switch install.manifest.target {
            case .product(let reference):
                switch resolve(product: reference) {
                case .live(let id): candidates.products.insert(id)
                case .pending: isPending = true
                case .planned, .unavailable: break
                }
            case .package(let reference, _):
                guard seen.insert(reference).inserted else { continue }
                switch resolve(package: reference, for: install.reference) {
                case .live(let id):
                    switch versions(of: id) {
                    case .value(let list): candidates.versions.formUnion(list.map(\.id))
                    case .failed: break
                    case nil: isPending = true
                    }
                case .pending: isPending = true
                case .planned, .unavailable: break
                }
            }
        }
        return isPending ? nil : candidates
    }
}
