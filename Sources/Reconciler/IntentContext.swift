import AkuaModel
import JSON
import Planning

/// What an intent carries besides its request, so that a restart can conclude it without the manifest that caused it.
struct IntentContext: Equatable, Sendable {
    /// What the object is recorded to have been asked for once the write has succeeded.
    var requested = Requested()
    /// The desired digest that an explicit render carries out.
    var desiredDigest: String?
    /// The identity of the version that an import publishes along the way.
    var firstVersion: String?
    /// The semver, ref and input schema's digest of a version: with them its effect is found again.
    var semver: String?
    var ref: String?
    var schemaDigest: String?
    /// The name and artifact of a package, or the name of a cluster: with them its effect is found again.
    var name: String?
    var ociReference: String?
    /// The message of a render, by which it is found again.
    var message: String?

    init() {}

    init(_ object: JSONObject) {
        requested = Requested(object["requested"]?.object ?? JSONObject())
        desiredDigest = object["desired_digest"]?.string
        firstVersion = object["first_version"]?.string
        semver = object["semver"]?.string
        ref = object["ref"]?.string
        schemaDigest = object["schema_digest"]?.string
        name = object["name"]?.string
        ociReference = object["oci_ref"]?.string
        message = object["message"]?.string
    }

    var json: JSONObject {
        var object = JSONObject()
        object["requested"] = .object(requested.json)
        object["desired_digest"] = desiredDigest.map(JSONValue.string)
        object["first_version"] = firstVersion.map(JSONValue.string)
        object["semver"] = semver.map(JSONValue.string)
        object["ref"] = ref.map(JSONValue.string)
        object["schema_digest"] = schemaDigest.map(JSONValue.string)
        object["name"] = name.map(JSONValue.string)
        object["oci_ref"] = ociReference.map(JSONValue.string)
        object["message"] = message.map(JSONValue.string)
        return object
    }
}
