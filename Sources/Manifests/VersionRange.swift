/// A set of versions in npm's range syntax.
package struct VersionRange: Hashable, Sendable {
    /// The range as written.
    package let text: String

    package init?(_ text: String) { self.text = text }
}
