import JSON

extension WorkspaceRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        [
            "id": style.id(id), "name": .string(name), "slug": .string(slug),
            "plan": ["tier": "scale", "billed_by": "platform"], "workspace_class": "standard",
            "created_at": style.time(createdAt), "updated_at": style.time(updatedAt), "etag": style.etag(revision),
        ]
    }

    /// Whether writes can succeed at present, and since when not.
    func accessState(_ style: WireStyle) -> JSONValue {
        func since(_ state: Access) -> JSONValue { access == state ? style.time(updatedAt) : nil }
        return [
            "workspace_id": style.id(id), "status": .string(access.rawValue),
            "access_version": .number(JSONNumber(accessVersion)), "accessible": .bool(access.isAccessible),
            "reason": access == .active ? nil : .string(access.rawValue), "reconciliation_status": "reconciled",
            "payment_grace_ends_at": since(.paymentGrace), "restricted_at": since(.restricted),
            "suspend_at": since(.suspended), "ended_at": since(.ended),
        ]
    }
}

extension RegionRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        [
            "id": style.id(id), "name": .string(name), "icon": JSONValue(orNull: icon),
            "workspace_id": style.id(workspace), "created_at": style.time(createdAt),
        ]
    }
}

extension ClusterRecord {
    /// Neither region nor network profile is in any read.
    func wire(_ style: WireStyle) -> JSONValue {
        [
            "id": style.id(id), "html_url": style.page("clusters", id), "name": .string(name),
            "workspace_id": style.id(workspace), "state": .string(state.rawValue), "provider": .string(provider),
            "reconciling": .bool(isReconciling), "created_at": style.time(createdAt),
            "updated_at": style.time(updatedAt), "etag": style.etag(revision),
        ]
    }
}

extension PackageRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["html_url"] = style.page("packages", id)
            $0["workspace_id"] = style.id(workspace)
            $0["name"] = .string(name)
            $0["latest_version_id"] = style.id(latestVersion)
            $0["description"] = JSONValue(orNull: description)
            $0["display_image_url"] = JSONValue(orNull: imageURL)
            switch source {
            case .hosted(let repository): $0["source"] = ["kind": "hosted", "repository_id": style.id(repository)]
            case .oci(let reference): $0["source"] = ["kind": "oci", "oci_ref": .string(reference)]
            }
            $0["created_at"] = style.time(createdAt)
            if style.showsPackageETags { $0["etag"] = style.etag(revision) }
        }
    }

    /// With what it was composed from.
    func fullWire(_ style: WireStyle) -> JSONValue {
        var object = wire(style).object ?? JSONObject()
        object["composed_from_sources"] = composedFrom ?? .null
        return .object(object)
    }
}

extension VersionRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["package_id"] = style.id(package)
            $0["semver"] = .string(semver)
            $0["ref"] = .string(ref)
            $0["input_schema"] = inputSchema
            $0["published_at"] = style.time(createdAt)
            $0["created_at"] = style.time(createdAt)
            if style.showsPackageETags { $0["etag"] = style.etag(serial) }
        }
    }

    /// As other objects mention it.
    func summary(_ style: WireStyle) -> JSONValue { ["id": style.id(id), "semver": .string(semver)] }
}

extension ProductRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["html_url"] = style.page("products", id)
            $0["name"] = .string(name)
            $0["workspace_id"] = style.id(workspace)
            $0["package"] = [
                "id": style.id(package),
                "version_pin": pinnedSemver.map { ["kind": "pinned", "version": .string($0)] } ?? ["kind": "latest"],
                "default_version_id": defaultVersion.map(style.id) ?? .null,
            ]
            $0.set("custom_image", ifPresent: customImage.map(JSONValue.string))
            $0.set("custom_description", ifPresent: customDescription.map(JSONValue.string))
            $0["marketplace"] = isPublished.map { ["published": .bool($0)] } ?? .null
            $0["created_at"] = style.time(createdAt)
            $0["updated_at"] = style.time(updatedAt)
            $0["etag"] = style.etag(revision)
            $0["state"] = isArchived ? "archived" : "active"
        }
    }
}

extension RepositoryRecord {
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["name"] = .string(name)
            $0["workspace_id"] = style.id(workspace)
            $0["created_at"] = style.time(createdAt)
            $0["updated_at"] = style.time(updatedAt)
            $0["etag"] = style.etag(revision)
            $0["reconciling"] = false
            $0["purpose"] = .string(purpose.word)
            switch purpose {
            case .deploy(let cluster):
                $0["cluster_id"] = style.id(cluster)
                $0["last_deploy_sha"] = JSONValue(orNull: lastDeployCommit)
            case .package(let package): $0["package_id"] = style.id(package)
            }
        }
    }

    /// With the hash of the last render.
    func fullWire(_ style: WireStyle) -> JSONValue {
        var object = wire(style).object ?? JSONObject()
        if case .deploy = purpose { object["last_render_hash"] = JSONValue(orNull: lastRenderHash) }
        return .object(object)
    }
}
