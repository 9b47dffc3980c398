extension SourceFiles {
    /// All that was read, held against each other and put together; with the values against their schemas if asked to.
    func assembled(checkingValuesIn tree: (some ManifestTree)?) async throws -> ManifestReading {
        // A file that manifests read holds none, even if it looks as if it did: its documents count as left out.
        let readAsData = Set(parsed.data.keys.compactMap { Self.position(of: $0, in: parsed.manifests.files) })
        var (drafts, outside): ([ManifestDraft], [ManifestDraft]) = ([], [])
        var (errors, doubts, isWhole): ([ManifestError], [ManifestError], Bool) = (errors, [], isComplete)
        drafts.reserveCapacity(parsed.manifests.contents.count)
        for (index, file) in parsed.manifests.contents.enumerated() {
            guard !readAsData.contains(index) else {
                outside += file.drafts
                continue
            }
            drafts += file.drafts
            errors += file.errors
            doubts += file.doubts
            isWhole = isWhole && file.isWhole
        }
        // While a document can't be read, what looks like nobody's may be a file of values that it names.
        if isWhole { errors += doubts }
        for file in parsed.data.values { errors += file.content.errors }
        let check = SourceCheck(drafts, isWhole: isWhole)
        errors += check.errors
        var warnings = check.warnings + outside.map(Self.warning)
        if let tree, isWhole {
            let values = ValuesCheck(check, data: parsed.data)
            var locator = ValueLocator(self, in: tree)
            for finding in values.findings.prefix(limits.errorsMax) {
                errors.append(try await locator.error(for: finding))
            }
            warnings += values.warnings
        }
        guard errors.isEmpty else { return .invalid(bounded(errors)) }
        guard !drafts.isEmpty else { return .empty }
        var copied = 0
        let state = state(of: drafts, without: outside, check.names, copied: &copied)
        guard weight + copied <= limits.weightMax else {
            let place = SourceLocation(file: root.isEmpty ? "." : root, line: 1, column: 1)
            return .invalid([
                ManifestError(
                    at: place, "the values of all installs, merged, hold more than \(limits.weightMax) values")
            ])
        }
        return .valid(state, warnings: bounded(warnings))
    }

    private static func warning(about draft: ManifestDraft) -> ManifestError {
        ManifestError(
            at: draft.location(draft.name.mark), "\(draft.title) is left out",
            hint: "its file is read by valuesFrom or inputSchemaFile, and such files hold no manifests")
    }

    private func state(
        of drafts: [ManifestDraft], without outside: [ManifestDraft], _ names: NameIndex, copied: inout Int
    ) -> DesiredState {
        var state = DesiredState()
        state.installs.reserveCapacity(drafts.count)
        let data = parsed.data
        for draft in drafts { copied += Self.add(draft, reading: data, to: &state) }
        for draft in parsed.leftOut.contents.flatMap(\.drafts) + outside
        where names.index(of: draft.name.value, draft.kind) == nil {
            if let reference = draft.reference { state.skipped.insert(reference) }
        }
        return state
    }

    /// Sorted and without repetitions; of very many the first, and how many there are.
    private func bounded(_ errors: [ManifestError]) -> [ManifestError] {
        let sorted = Set(errors).sorted()
        guard sorted.count > limits.errorsMax, let last = sorted.last else { return sorted }
        let rest = sorted.count - limits.errorsMax
        return sorted.prefix(limits.errorsMax) + [ManifestError(at: last.location, "and \(rest) more")]
    }

    /// Adds what a draft declares; answers how many members of values were copied for it.
    private static func add(
        _ draft: ManifestDraft, reading data: [String: LoadedDataFile], to state: inout DesiredState
    ) -> Int {
        switch draft.content {
        case .package(let manifest): state.packages.append(manifest.value)
        case .packageVersion(let shared):
            var manifest = shared.value
            if let file = draft.dataFiles.first, let schema = data[file.path] {
                manifest.inputSchema = schema.content.object
            }
            state.packageVersions.append(manifest)
        case .cluster(let manifest): state.clusters.append(manifest.value)
        case .install(var manifest):
            guard !draft.dataFiles.isEmpty else {
                state.installs.append(manifest)
                return 0
            }
            let merged = draft.values(manifest.values, over: draft.dataFiles.lazy.compactMap { data[$0.path] })
            manifest.values = merged.values
            state.installs.append(manifest)
            return merged.copied
        case .settings(let settings):
            state.settings = settings.value
            state.hasSettings = true
        case .invalid: break
        }
        return 0
    }
}
