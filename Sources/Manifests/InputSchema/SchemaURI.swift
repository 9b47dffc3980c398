import Foundation

/// References between schemas (RFC 3986).
enum SchemaURI {
    /// Where a schema is that gives no absolute address itself; it has a path, so that relative references work in it.
    static let unnamed = "schema:///"

    /// The two sides of `#`, the fragment with its percent-encoding undone; it is nil when that is malformed.
    static func split(_ reference: String) -> (address: String, fragment: String?) {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return (reference, "") }
        return (String(parts[0]), parts[1].removingPercentEncoding)
    }

    /// The address that `reference` (without fragment) means in a document at `base`, or nil for a malformed one.
    static func resolve(_ reference: String, against base: String) -> String? {
        guard !reference.isEmpty else { return base }
        guard let baseURL = URL(string: base) else { return nil }
        return URL(string: reference, relativeTo: baseURL)?.absoluteString
    }
}
