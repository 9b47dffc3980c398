/// placeholder until the manifests branch lands
package struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String
    package init?(_ text: String) { description = text }
    package var isPrerelease: Bool { description.contains("-") }
    package static func < (left: Self, right: Self) -> Bool {
        left.description.compare(right.description)
    }
    package static func orders(_ left: String, before right: String) -> Bool { left < right }
}
extension String { fileprivate func compare(_ other: String) -> Bool { self < other } }
extension VersionRange {
    package func contains(_ version: SemanticVersion) -> Bool { true }
    package func highest(among versions: [SemanticVersion]) -> SemanticVersion? { versions.max() }
}
