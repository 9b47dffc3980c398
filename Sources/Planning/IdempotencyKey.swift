package import AkuaModel
import JSON
package import Manifests

/// Who declares: the workspace that the token shows, and the source's name.
package struct SourceIdentity: Hashable, Sendable, Codable {
    package var workspace: WorkspaceID
    package var name: String

    package init(workspace: WorkspaceID, name: String) {
        self.workspace = workspace
        self.name = name
    }
}

/// The keys that make a repeated request one request: derived, never random.
///
/// `agl1-<identity>-<intent>`, 58 characters. The first part names the object, so that a daemon that lost its journal
/// finds what it made; the second names what is wanted of it, so that a retry collides with itself and with every other
/// daemon that wants the same. Holds I1 and I4.
package enum IdempotencyKey {
    private static let prefix = "agl1-"
    private static let partLength = 26

    /// The first part: the same for every key of one identity.
    package static func identityPart(of reference: ObjectReference, in source: SourceIdentity) -> String {
        Digest.base32(of: [
            "identity", .string(source.workspace.text), .string(source.name), .string(reference.kind.rawValue),
            .string(reference.name),
        ])
    }

    /// The key of a create: not a function of the body, so that daemons at different commits can't make two objects.
    ///
    /// - Parameters:
    ///   - predecessor: the id of the newest dead life that the platform shows, empty for the first life.
    ///   - refusals: the 4xx answers to this very create so far.
    package static func create(
        _ reference: ObjectReference, in source: SourceIdentity, predecessor: String, refusals: Int
    ) -> String {
        join(reference, source, ["create", .string(predecessor), .number(JSONNumber(refusals))])
    }

    /// The key of a write that is guarded by an etag: the same write against another state is another intent.
    package static func guarded(
        _ action: ActionWord, of reference: ObjectReference, in source: SourceIdentity, resourceID: String,
        bodyDigest: String, etag: ETag
    ) -> String {
        join(
            reference, source,
            ["write", .string(resourceID), .string(action.rawValue), .string(bodyDigest), .string(etag.text)])
    }

    /// The key of an explicit render.
    ///
    /// - Parameter attempt: how many renders of the install bear the same message.
    package static func render(
        of reference: ObjectReference, in source: SourceIdentity, install: InstallID, commit: String,
        desiredDigest: String, attempt: Int
    ) -> String {
        join(
            reference, source,
            [
                "render", .string(install.text), .string(commit), .string(desiredDigest),
                .number(JSONNumber(attempt)),
            ])
    }

    /// The identity part of a key of ours, or nil when the key is somebody else's.
    package static func identityPart(ofKey key: String) -> String? {
        guard key.hasPrefix(prefix) else { return nil }
        let parts = key.utf8.dropFirst(prefix.utf8.count).split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == partLength && $0.allSatisfy(Digest.isBase32) })
        else { return nil }
        return String(parts[0])
    }

    private static func join(_ reference: ObjectReference, _ source: SourceIdentity, _ intent: [JSONValue]) -> String {
        prefix + identityPart(of: reference, in: source) + "-" + Digest.base32(of: intent)
    }
}
