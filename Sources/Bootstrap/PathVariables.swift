import Manifests

/// The directories that systemd hands to a service, for use in paths: `${CREDENTIALS_DIRECTORY}/akua-token`.
struct PathVariables: Sendable {
    /// Why a path could not be expanded.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case unset(String)
        case unknown(String)
        case unclosed

        var description: String {
            switch self {
            case .unset(let name): "needs the variable \(name), which is not set"
            case .unknown(let name): "names the variable \(Quoted(name)), which means nothing in a path here"
            case .unclosed: "has a ${ without its }"
            }
        }

        var hint: String? {
            switch self {
            case .unset: "systemd sets it for its services; elsewhere give the path itself"
            case .unknown(let name):
                Suggestion.hint(for: name, among: PathVariables.names)
                    ?? "\(PathVariables.names.joined(separator: " and ")) can be used"
            case .unclosed: nil
            }
        }
    }

    static let names = ["CREDENTIALS_DIRECTORY", "STATE_DIRECTORY"]

    private let values: [String: String]

    init(environment: [String: String]) {
        values = environment.filter { Self.names.contains($0.key) && !$0.value.isEmpty }
    }

    /// The state directory that systemd made, the first if it made several.
    var stateDirectory: String? {
        values["STATE_DIRECTORY"].flatMap { $0.split(separator: ":").first.map(String.init) }
    }

    /// The path with `${NAME}` replaced; a lone `$` stands for itself.
    func expand(_ text: String) -> Result<String, Failure> {
        var output = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            output += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else { return .failure(.unclosed) }
            let name = String(rest[..<end])
            guard Self.names.contains(name) else { return .failure(.unknown(name)) }
            guard let value = name == "STATE_DIRECTORY" ? stateDirectory : values[name] else {
                return .failure(.unset(name))
            }
            output += value
            rest = rest[rest.index(after: end)...]
        }
        return .success(output + rest)
    }
}
