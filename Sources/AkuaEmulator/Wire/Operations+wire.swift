import JSON

extension OperationRecord {
    /// As a list shows it: without its steps.
    func wire(_ style: WireStyle) -> JSONValue { .object(members(style)) }

    /// As a read of it alone shows it.
    func fullWire(_ style: WireStyle) -> JSONValue {
        var object = members(style)
        object["steps"] = .array(steps.map { $0.wire(style) })
        return .object(object)
    }

    private func members(_ style: WireStyle) -> JSONObject {
        var object = JSONObject()
        object["id"] = style.id(id)
        object["workspace_id"] = style.id(workspace)
        object["organization_id"] = .null
        object["owner_type"] = .string(ownerType.rawValue)
        object["owner_id"] = style.id(visibleOwnerID)
        object["parent_operation_id"] = parent.map(style.id) ?? .null
        object["state"] = .string(state.rawValue)
        object["done"] = .bool(isDone)
        object["html_url"] = style.page("\(ownerType.rawValue)s", visibleOwnerID)
        object["metadata"] = style.prefixed(metadata, type: job)
        let shown = isDone ? outcome : nil
        object["response"] = shown?.response.map { style.prefixed($0, type: job) } ?? .null
        object["error"] = shown?.error.map { ["message": .string($0)] } ?? .null
        object["last_error"] =
            lastError.map { ["message": .string($0.message), "step_name": .string($0.step)] } ?? .null
        object["started_at"] = style.time(startedAt)
        object["completed_at"] = isDone ? completedAt.map(style.time) ?? .null : .null
        return object
    }
}

extension WireStyle {
    /// Metadata or a response as the API shows it: with its type in front, and ids in the style's form.
    fileprivate func prefixed(_ value: JSONValue, type: OperationRecord.Job) -> JSONValue {
        var object = JSONObject()
        object["type"] = .string(type.rawValue)
        for member in value.object ?? JSONObject() {
            let isID = member.name.hasSuffix("_id")
            object[member.name] = isID ? member.value.string.map(id) ?? member.value : member.value
        }
        return .object(object)
    }
}

extension OperationRecord.Step {
    fileprivate func wire(_ style: WireStyle) -> JSONValue {
        [
            "name": .string(name), "status": .string(status.rawValue),
            "execution_type": .string(execution.rawValue), "started_at": startedAt.map(style.time) ?? 0,
            "completed_at": completedAt.map(style.time) ?? .null, "error_message": JSONValue(orNull: error),
            "retryable": .bool(status == .failed), "skippable": false,
        ]
    }
}
