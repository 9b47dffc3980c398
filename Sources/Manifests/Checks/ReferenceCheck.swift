extension SourceCheck {
    /// Looks up what installs and versions refer to.
    ///
    /// What is not declared here may live in the workspace, so only a
    /// name that looks misspelt is worth a warning.
    mutating func checkReferences() {
        let versions = declaredVersions
        let published = Set(versions.keys)
        for draft in drafts {
            switch draft.content {
            case .package(let manifest): checkPackage(draft, manifest, published)
            case .packageVersion(let manifest, _): checkVersion(draft, manifest)
            case .install(let install): checkInstall(draft, install.manifest, versions)
            case .cluster, .settings, .invalid: continue
            }
        }
    }

    /// The versions declared for each package, by the package's name here or its id.
    private var declaredVersions: [String: [String]] {
        var versions: [String: [String]] = [:]
        for draft in drafts {
            guard case .packageVersion(let manifest, _) = draft.content else { continue }
            versions[declaredName(of: manifest.package), default: []].append(manifest.semver)
        }
        return versions
    }

    private mutating func checkPackage(_ draft: ManifestDraft, _ manifest: PackageManifest, _ published: Set<String>) {
        guard case .oci = manifest.source, manifest.adoptedID == nil, isWhole, !published.contains(draft.name.value)
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
        guard case .helm = package.source else { return }
        report(
            draft, mark, "Package/\(package.header.name) is built from a chart",
            hint: "the platform publishes its versions itself; remove this PackageVersion")
    }

    private mutating func checkInstall(
        _ draft: ManifestDraft, _ manifest: InstallManifest, _ versions: [String: [String]]
    ) {
        if let cluster = manifest.cluster, let mark = draft.places.cluster {
            warnIfMisspelt(draft, mark, cluster, kind: .cluster)
        }
        guard case .package(let reference, let selector) = manifest.target, let mark = draft.places.package else {
            return
        }
        guard let package = declaredPackage(reference) else {
            warnIfMisspelt(draft, mark, reference, kind: .package)
            return
        }
        guard case .oci = package.source, isWhole, let mark = draft.places.version else { return }
        let declared = versions[package.header.name] ?? []
        switch selector {
        case .exact(let version):
            guard !declared.contains(version) else { return }
            warn(
                draft, mark, "version \(version) of Package/\(package.header.name) is not declared here",
                hint: Suggestion.hint(for: version, among: declared) ?? "it must be in the workspace already")
        case .range(let range):
            guard range.highest(among: declared.compactMap(SemanticVersion.init)) == nil else { return }
            warn(
                draft, mark, "no version of Package/\(package.header.name) declared here is in \(Quoted(range.text))",
                hint: "one must be in the workspace already")
        case .latest: return
        }
    }

    private func declaredPackage(_ reference: Reference) -> PackageManifest? {
        guard let index = names[.package]?[declaredName(of: reference)],
            case .package(let manifest) = drafts[index].content
        else { return nil }
        return manifest
    }

    private mutating func warnIfMisspelt(
        _ draft: ManifestDraft, _ mark: YAMLMark, _ reference: Reference, kind: DocumentKind
    ) {
        guard case .name(let name) = reference, names[kind]?[name] == nil, isWhole else { return }
        if let declared = apiNames[kind]?[name] {
            warn(
                draft, mark, "\(Quoted(name)) is what \(kind.rawValue)/\(declared) is called on the platform",
                hint: "refer to it by metadata.name: \(declared)")
        } else if let near = suggestion(for: name, kind: kind) {
            warn(
                draft, mark, "no \(kind.rawValue) \(Quoted(name)) is declared here",
                hint: "if it is not one of the workspace, did you mean \(Quoted(near))?")
        }
    }
}
