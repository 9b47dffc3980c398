import Manifests

/// The file taken apart: the texts of the scalar settings with their places, and the list of sources.
struct ConfigurationFile {
    /// A text with the place where it stands.
    struct Scalar {
        var text: String
        var location: SourceLocation
    }

    private(set) var scalars: [String: Scalar] = [:]
    /// The items of `sources`.
    private(set) var sources: [YAMLNode] = []
    private(set) var errors: [ConfigurationError] = []
    let path: String

    /// What a configuration without a file says: nothing.
    init() { path = "" }

    /// Reads a whole file; what is wrong with it is in ``errors``.
    init(_ bytes: [UInt8], path: String) {
        self.path = path
        do throws(YAMLErrors) {
            let root = try YAMLReader.document(in: bytes, limits: Self.limits)
            readSection(root, prefix: "")
        } catch {
            for error in error.errors { report(error.mark, error.message, hint: error.hint) }
        }
    }

    /// A configuration is small: what is larger is the wrong file.
    private static var limits: YAMLReader.Limits {
        var limits = YAMLReader.Limits()
        limits.bytesMax = 1 << 20
        limits.depthMax = 20
        limits.nodesMax = 50_000
        limits.expandedNodesMax = 10_000
        return limits
    }

    func location(_ mark: YAMLMark) -> SourceLocation {
        SourceLocation(file: path, line: mark.line, column: mark.column)
    }

    private mutating func report(_ mark: YAMLMark, _ problem: String, hint: String? = nil) {
        errors.append(ConfigurationError(at: .file(location(mark)), problem, hint: hint))
    }

    /// Reads the mapping at `prefix`, such as `api.`; nothing at all is an empty one.
    private mutating func readSection(_ node: YAMLNode, prefix: String) {
        guard !node.isNull else { return }
        guard let entries = node.entries else {
            let name = prefix.isEmpty ? "the configuration" : String(prefix.dropLast())
            return report(node.mark, "\(name) must be a mapping, not \(node.kind)")
        }
        let paths = Keys.all.map(\.name.path)
        for entry in entries {
            let path = prefix + entry.key
            if path == "sources" {
                readSources(entry)
            } else if paths.contains(path) {
                readScalar(entry, path: path)
            } else if paths.contains(where: { $0.hasPrefix(path + ".") }) {
                readSection(entry.value, prefix: path + ".")
            } else {
                reportUnknown(entry, prefix: prefix, among: paths)
            }
        }
    }

    private mutating func readScalar(_ entry: YAMLEntry, path: String) {
        guard !entry.value.isNull else { return }
        guard let text = entry.value.text else {
            return report(entry.value.mark, "\(path) must be a single value, not \(entry.value.kind)")
        }
        scalars[path] = Scalar(text: text, location: location(entry.value.mark))
    }

    private mutating func readSources(_ entry: YAMLEntry) {
        guard !entry.value.isNull else { return }
        guard let items = entry.value.items else {
            return report(entry.value.mark, "sources must be a list, not \(entry.value.kind)")
        }
        sources = items
    }

    private mutating func reportUnknown(_ entry: YAMLEntry, prefix: String, among paths: [String]) {
        var siblings = paths.filter { $0.hasPrefix(prefix) }.compactMap {
            $0.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
        }
        if prefix.isEmpty { siblings.append("sources") }
        let section = prefix.isEmpty ? "the configuration" : String(prefix.dropLast())
        report(
            entry.keyMark, "unknown key \(Quoted(entry.key)) in \(section)",
            hint: Suggestion.hint(for: entry.key, among: siblings))
    }
}
