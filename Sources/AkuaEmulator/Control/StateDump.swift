import JSON

extension World {
    /// All that the emulator knows, with what the API never shows.
    func dump() -> JSONValue {
        [
            "now_ms": .number(JSONNumber(now)), "workspaces": list(workspaces) { _ in [:] },
            "regions": list(regions) { _ in [:] },
            "clusters": list(clusters) {
                ["region_id": .string($0.region), "network_profile": .string($0.networkProfile)]
            },
            "packages": list(packages) { ["composed_from_sources": $0.composedFrom ?? .null] },
            "versions": list(versions) { ["compatibility": $0.compatibility ?? .null] },
            "products": list(products) { _ in [:] },
            "installs": list(installs) { install in
                [
                    "package_id": .string(install.package), "region_id": .string(install.region),
                    "initial_values": install.initialValues,
                    "automatic_updates_enabled": .bool(install.hasAutomaticUpdates),
                    "desired_version_id": JSONValue(orNull: install.desiredVersion),
                    "repository_id": .string(install.repository), "deleting": .bool(install.isDeleting),
                    "deployed_commit_sha": JSONValue(orNull: install.deployedCommit),
                ]
            },
            "renders": list(renders) { render in
                [
                    "extra_annotations": .object {
                        for (name, value) in render.annotations.sorted(by: { $0.key < $1.key }) {
                            $0[name] = .string(value)
                        }
                    },
                    "skip_unchanged": .bool(render.mayBeSkipped),
                ]
            },
            "operations": list(operations) { _ in [:] }, "repositories": list(repositories) { _ in [:] },
        ]
    }

    /// Every object of a kind, oldest first: what the API shows of it, and more.
    private func list<R: Record>(_ table: Table<R>, _ more: (R) -> JSONValue) -> JSONValue {
        let records = table.records.values.sorted { $0.serial < $1.serial }
        return .array(
            records.map { record in
                var members = record.wire(WireStyle()).object ?? JSONObject()
                for member in more(record).object ?? JSONObject() { members[member.name] = member.value }
                return .object(members)
            })
    }
}
