import AkuaModel
import JSON

// How each resource of the platform is read out of an answer: only the members that the model holds, each of them
// checked.

extension Workspace: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), name: try answer.string("name"), slug: try answer.string("slug"))
    }
}

extension WorkspaceAccessState: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            isAccessible: try answer.bool("accessible"), status: try answer.string("status"),
            reason: try answer.optional("reason", answer.string))
    }
}

extension Region: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(id: try answer.id("id"), name: try answer.string("name"))
    }
}

extension Cluster: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), name: try answer.string("name"), workspaceID: try answer.id("workspace_id"),
            state: try answer.word("state"), isReconciling: try answer.bool("reconciling"), etag: try answer.etag())
    }
}

extension Package: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), workspaceID: try answer.id("workspace_id"), name: try answer.string("name"),
            latestVersionID: try answer.id("latest_version_id"),
            description: try answer.optional("description", answer.string),
            source: try answer.nested("source", Source.init(answer:)),
            etag: try answer.optional("etag") { _ throws(AnswerError) in try answer.etag() },
            createdAt: try answer.timestamp("created_at"))
    }
}

extension Package.Source: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self =
            switch try answer.string("kind") {
            case "oci": .oci(reference: try answer.string("oci_ref"))
            case "hosted": .hosted(try answer.id("repository_id"))
            case let kind: .unknown(kind)
            }
    }
}

extension PackageVersion: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), packageID: try answer.id("package_id"), semver: try answer.string("semver"),
            ref: try answer.string("ref"), inputSchema: .object(try answer.object("input_schema")))
    }
}

extension Product: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), name: try answer.string("name"),
            packageID: try answer.nested("package") { package throws(AnswerError) in try package.id("id") },
            state: try answer.word("state"))
    }
}

extension Repository: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), name: try answer.string("name"), purpose: try answer.word("purpose"),
            clusterID: try answer.optional("cluster_id", answer.id),
            lastDeployCommit: try answer.optional("last_deploy_sha", answer.string))
    }
}

extension Install: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), workspaceID: try answer.id("workspace_id"),
            customerWorkspaceID: try answer.nested("customer_workspace") { workspace throws(AnswerError) in
                try workspace.id("id")
            },
            clusterID: try answer.optional("cluster_id", answer.id),
            productID: try answer.optional("product_id", answer.id),
            packageVersionID: try answer.id("package_version_id"), state: try answer.word("state"),
            isReconciling: try answer.bool("reconciling"), etag: try answer.etag(),
            createdAt: try answer.timestamp("created_at"))
    }
}

extension InstallStatus: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            state: try answer.word("state"), isReconciling: try answer.bool("reconciling"),
            health: try answer.optional("health", answer.string), sync: try answer.optional("sync", answer.string),
            revision: try answer.optional("revision", answer.string))
    }
}

extension InstallLifecycle: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        func version(_ name: String) throws(AnswerError) -> PackageVersionID {
            try answer.nested(name) { version throws(AnswerError) in try version.id("id") }
        }
        self.init(
            id: try answer.id("id"), currentVersionID: try answer.optional("current_version", version),
            desiredVersionID: try answer.optional("desired_version", version),
            automaticUpdatesEnabled: try answer.bool("automatic_updates_enabled"), etag: try answer.etag())
    }
}

extension InstallMutation: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            lifecycle: try answer.nested("install", InstallLifecycle.init(answer:)),
            render: try answer.optional("render") { name throws(AnswerError) in
                try answer.nested(name, Render.init(answer:))
            })
    }
}

extension Render: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        self.init(
            id: try answer.id("id"), installID: try answer.id("install_id"),
            operationID: try answer.optional("operation_id", answer.id),
            packageVersionID: try answer.optional("package_version_id", answer.id),
            state: try answer.word("state"), message: try answer.optional("message", answer.string),
            commitSHA: try answer.optional("commit_sha", answer.string),
            createdAt: try answer.timestamp("created_at"))
    }
}

extension Operation: AnswerReadable {
    init(answer: Answer) throws(AnswerError) {
        let message = { (name: String) throws(AnswerError) in
            try answer.nested(name) { error throws(AnswerError) in try error.string("message") }
        }
        self.init(
            id: try answer.id("id"), workspaceID: try answer.optional("workspace_id", answer.id),
            ownerType: try answer.word("owner_type"), ownerID: try answer.string("owner_id"),
            state: try answer.word("state"), isDone: try answer.bool("done"),
            kind: try answer.nested("metadata") { metadata throws(AnswerError) in try metadata.word("type") },
            metadata: try answer.object("metadata"), response: try answer.optional("response", answer.object),
            errorMessage: try answer.optional("error", message),
            lastErrorMessage: try answer.optional("last_error", message),
            waitsForPerson: try Self.stepThatWaits(in: answer), startedAt: try answer.timestamp("started_at"))
        let isTerminal = !state.is(.running)
        if case .known = state, isTerminal != isDone {
            throw AnswerError("done", "contradicts the state \(state.word)")
        }
    }

    /// The running step that only a person can finish; lists leave the steps out.
    private static func stepThatWaits(in answer: Answer) throws(AnswerError) -> String? {
        let steps = try answer.optional("steps") { name throws(AnswerError) in
            try answer.list(name) { step throws(AnswerError) -> String? in
                let type = try step.string("execution_type")
                let waits = try step.string("status") == "running" && (type == "user" || type == "approval")
                return waits ? try step.string("name") : nil
            }
        }
        return steps?.lazy.compactMap(\.self).first
    }
}
