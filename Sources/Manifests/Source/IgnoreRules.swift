/// Which files of a source are left out: by `.akuaignore` files, in the syntax and with the precedence of gitignore.
///
/// The last pattern that matches decides, a deeper file's before a higher one's; what lies in a folder that is left out
/// can't be taken back in.
struct IgnoreRules: Sendable {
    static let fileName = ".akuaignore"
    static let bytesMax = 64 << 10
    static let patternsMax = 1_000

    /// By folder, counted from the root of the repository.
    private var patterns: [String: [IgnorePattern]] = [:]
    /// Answers for folders, which many files share.
    private var folders: [String: Bool] = [:]
    private let root: String

    /// Rules for what lies under `root`.
    init(root: String) { self.root = root }

    /// Adds what the ignore file of a folder says; answers false and adds nothing when it says too much.
    mutating func add(_ text: String, of folder: String) -> Bool {
        // Lines as git has them: U+0085, U+2028 and their like are part of a name.
        let found = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { IgnorePattern(line: Substring($0)) }
        guard found.count <= Self.patternsMax else { return false }
        patterns[folder] = found
        folders = [:]
        return true
    }

    /// Whether the file at this path under the root is left out.
    mutating func ignores(_ path: String) -> Bool {
        guard !patterns.isEmpty else { return false }
        return isLeftOut(RepositoryPath.folder(of: path)) || decide(path, isFolder: false)
    }

    private mutating func isLeftOut(_ folder: String) -> Bool {
        // The root and what is above it are looked at by nobody's choice but the configuration's.
        guard folder.utf8.count > root.utf8.count else { return false }
        if let known = folders[folder] { return known }
        let answer = isLeftOut(RepositoryPath.folder(of: folder)) || decide(folder, isFolder: true)
        folders[folder] = answer
        return answer
    }

    private func decide(_ path: String, isFolder: Bool) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        var folder = RepositoryPath.folder(of: path)
        while true {
            if let patterns = patterns[folder] {
                let depth = folder.isEmpty ? 0 : folder.utf8.count { $0 == UInt8(ascii: "/") } + 1
                if let last = patterns.last(where: { $0.matches(parts[depth...], isFolder: isFolder) }) {
                    return !last.isNegated
                }
            }
            guard folder.utf8.count > root.utf8.count else { return false }
            folder = RepositoryPath.folder(of: folder)
        }
    }
}
