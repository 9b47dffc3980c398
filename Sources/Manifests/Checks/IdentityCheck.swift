extension SourceCheck {
    /// No two documents may be one object: by name here, by name on the platform, by the live object they adopt, or by
    /// the version they publish.
    mutating func checkIdentities() {
        checkNames()
        checkAdoptions()
        checkPlatformNames()
        checkVersions()
    }

    private mutating func checkNames() {
        var first: [DocumentKind: [String: ManifestDraft]] = [:]
        for draft in drafts {
            let folded = draft.name.value.lowercased()
            guard let other = first[draft.kind]?[folded] else {
                first[draft.kind, default: [:]][folded] = draft
                continue
            }
            let place = other.location(other.name.mark)
            if other.name.value == draft.name.value {
                report(
                    draft, draft.name.mark, "\(draft.title) is declared twice",
                    hint: "it was first declared at \(place)")
            } else {
                report(
                    draft, draft.name.mark, "\(draft.title) and \(other.title) differ in case only",
                    hint: "the other is declared at \(place)")
            }
        }
    }

    private mutating func checkAdoptions() {
        var first: [DocumentKind: [String: ManifestDraft]] = [:]
        for draft in drafts {
            guard let id = draft.adoptedID, let mark = draft.places.adoptedID else { continue }
            guard let other = first[draft.kind]?[id] else {
                first[draft.kind, default: [:]][id] = draft
                continue
            }
            report(
                draft, mark, "\(draft.title) and \(other.title) adopt the same object \(Quoted(id))",
                hint: "the other does so at \(other.location(other.places.adoptedID ?? other.name.mark))")
        }
    }

    /// After a loss of the journal, packages are known by name and repository and clusters by name alone.
    private mutating func checkPlatformNames() {
        var first: [String: ManifestDraft] = [:]
        for draft in drafts {
            let key: String
            switch draft.content {
            case .package(let manifest):
                guard case .oci(let reference) = manifest.source else { continue }
                key = "package \(reference) \(manifest.apiName)"
            case .cluster(let manifest): key = "cluster \(manifest.apiName)"
            case .packageVersion, .install, .settings, .invalid: continue
            }
            guard let other = first[key] else {
                first[key] = draft
                continue
            }
            // Two of one name are reported as such already.
            guard other.name.value != draft.name.value else { continue }
            report(
                draft, draft.places.apiName ?? draft.name.mark,
                "\(draft.title) and \(other.title) have the same name on the platform",
                hint: "the other is declared at \(other.location(other.name.mark))")
        }
    }

    private mutating func checkVersions() {
        var first: [String: ManifestDraft] = [:]
        for draft in drafts {
            guard case .packageVersion(let manifest, _) = draft.content else { continue }
            let key = "\(declaredName(of: manifest.package)) \(manifest.semver)"
            guard let other = first[key] else {
                first[key] = draft
                continue
            }
            guard other.name.value != draft.name.value else { continue }
            report(
                draft, draft.places.version ?? draft.name.mark,
                "\(draft.title) and \(other.title) are both version \(manifest.semver) of the same package",
                hint: "the other is declared at \(other.location(other.places.version ?? other.name.mark))")
        }
    }

    /// What a package is called in this source, whichever way it is referred to.
    func declaredName(of reference: Reference) -> String {
        switch reference {
        case .name(let name): name
        case .id(let id): packagesByID[id] ?? id
        }
    }
}

extension ManifestDraft {
    /// The live object that the manifest adopts, if it does.
    var adoptedID: String? {
        switch content {
        case .package(let manifest): manifest.adoptedID
        case .cluster(let manifest): manifest.adoptedID
        case .install(let draft): draft.manifest.adoptedID
        case .packageVersion, .settings, .invalid: nil
        }
    }
}
