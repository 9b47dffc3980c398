extension SourceCheck {
    /// Looks up what installs and versions refer to.
    ///
    /// What is not declared here may live in the workspace, so only a name that looks misspelt is worth a warning.
    mutating func checkReferences() {
        let versions = declaredVersions
        for draft in drafts {
            switch draft.content {
            case .package(let manifest): checkPackage(draft, manifest.value, versions)
            case .packageVersion(let manifest): checkVersion(draft, manifest.value)
            case .install(let manifest): checkInstall(draft, manifest, versions)
            case .cluster, .settings, .invalid: continue
            }
        }
    }

    /// The versions declared for each package, by the package's name here or its id.
    private var declaredVersions: [String: Set<String>] {
        var versions: [String: Set<String>] = [:]
        for draft in drafts(of: .packageVersion) {
            guard case .packageVersion(let manifest) = draft.content else { continue }
            versions[declaredName(of: manifest.value.package), default: []].insert(manifest.value.semver)
        }
        return versions
    }

    private mutating func checkPackage(
        _ draft: ManifestDraft, _ manifest: PackageManifest, _ versions: [String: Set<String>]
    ) {
        guard case .oci = manifest.source, manifest.adoptedID == nil, isWhole, versions[draft.name.value] == nil
        else { return }
        warn(
            draft, draft.name.mark, "\(draft.title) has no PackageVersion here",
            hint: "the platform can't create a package without a version, so it must be in the workspace already")
    }

    private mutating func checkVersion(_ draft: ManifestDraft, _ manifest: PackageVersionManifest) {
        guard let mark = draft.places.package else { return }
        guard let package = declaredPackage(manifest.package) else {
            warnIfMisspelt(draft, mark, manifest.package, kind: .package)
            return
        }
        guard case .helm = package.value.source else { return }
        report(
            draft, mark, "Package/\(package.value.header.name) is built from a chart",
            hint: "the platform publishes its versions itself; remove this PackageVersion")
    }

    private mutating func checkInstall(
        _ draft: ManifestDraft, _ manifest: InstallManifest, _ versions: [String: Set<String>]
    ) {
        if let mark = draft.places.cluster, let cluster = manifest.cluster {
            warnIfMisspelt(draft, mark, cluster, kind: .cluster)
        }
        guard let mark = draft.places.package, case .package(let reference, let selector) = manifest.target
        else { return }
        guard let package = declaredPackage(reference) else {
            warnIfMisspelt(draft, mark, reference, kind: .package)
            return
        }
        guard case .oci = package.value.source, isWhole, let mark = draft.places.version else { return }
        let name = package.value.header.name
        let declared = versions[name] ?? []
        switch selector {
        case .exact(let version):
            guard !declared.contains(version) else { return }
            warn(
                draft, mark, "version \(version) of Package/\(name) is not declared here",
                hint: Suggestion.hint(for: version, among: declared.sorted()) ?? "it must be in the workspace already")
        case .range(let range):
            guard range.highest(among: declared.compactMap(SemanticVersion.init)) == nil else { return }
            warn(
                draft, mark, "no version of Package/\(name) declared here is in \(Quoted(range.text))",
                hint: "one must be in the workspace already")
        case .latest: return
        }
    }

    private func declaredPackage(_ reference: Reference) -> Shared<PackageManifest>? {
        guard let index = names.index(of: declaredName(of: reference), .package),
            case .package(let manifest) = drafts[index].content
        else { return nil }
        return manifest
    }

    private mutating func warnIfMisspelt(
        _ draft: ManifestDraft, _ mark: YAMLMark, _ reference: Reference, kind: DocumentKind
    ) {
        guard isWhole, case .name(let name) = reference, let doubt = doubt(about: name, kind) else { return }
        warn(draft, mark, doubt.problem, hint: doubt.hint)
    }
}
