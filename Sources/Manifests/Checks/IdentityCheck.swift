extension SourceCheck {
    /// No two documents may be one object: by name here, by name on the platform, by the live object they adopt, or by
    /// the version they publish.
    mutating func checkIdentities() {
        for (index, first) in names.collisions { reportCollision(drafts[index], drafts[first]) }
        checkAdoptions()
        checkPlatformNames()
        checkVersions()
    }

    private mutating func reportCollision(_ draft: ManifestDraft, _ other: ManifestDraft) {
        let place = other.location(other.name.mark)
        if other.name.value == draft.name.value {
            report(
                draft, draft.name.mark, "\(draft.title) is declared twice", hint: "it was first declared at \(place)")
        } else {
            report(
                draft, draft.name.mark, "\(draft.title) and \(other.title) differ in case only",
                hint: "the other is declared at \(place)")
        }
    }

    private mutating func checkAdoptions() {
        var first: [DocumentKind: [String: ManifestDraft]] = [:]
        for draft in adopting {
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
        for draft in others where draft.kind == .package || draft.kind == .cluster {
            let key: String
            switch draft.content {
            case .package(let manifest):
                guard case .oci(let reference) = manifest.value.source else { continue }
                key = "package \(reference) \(manifest.value.apiName)"
            case .cluster(let manifest): key = "cluster \(manifest.value.apiName)"
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
        for draft in drafts(of: .packageVersion) {
            guard case .packageVersion(let manifest) = draft.content else { continue }
            let key = "\(declaredName(of: manifest.value.package)) \(manifest.value.semver)"
            guard let other = first[key] else {
                first[key] = draft
                continue
            }
            guard other.name.value != draft.name.value else { continue }
            report(
                draft, draft.places.version ?? draft.name.mark,
                "\(draft.title) and \(other.title) are both version \(manifest.value.semver) of the same package",
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
