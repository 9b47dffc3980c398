/// The rules for a name in a tree, whoever wrote the tree.
///
/// Git's own tools refuse to make some of these, and a stranger's tool does not. Nothing is ever checked out here, yet
/// a path goes into texts, keys and lookups, so it must mean what it says.
enum EntryName {
    /// What is wrong with a name, to be read after "is"; nil if nothing is.
    static func problem(with bytes: some Collection<UInt8>) -> String? {
        if bytes.isEmpty { return "empty" }
        if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { return "a step to another folder" }
        if bytes.contains(UInt8(ascii: "/")) { return "a path in the place of a name" }
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "a name with a control character" }
        guard let name = String(validating: bytes, as: UTF8.self) else { return "not UTF-8" }
        if isFormOfDotGit(name) { return "a form of .git" }
        return nil
    }

    /// As the file systems of other machines would read it: without regard to case, to trailing dots and spaces, to
    /// characters that do not show, and in DOS's short form.
    private static func isFormOfDotGit(_ name: String) -> Bool {
        let visible = name.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        var folded = String(String.UnicodeScalarView(visible)).lowercased()[...]
        // NTFS: what follows a colon names a stream of the same file.
        if let colon = folded.firstIndex(of: ":") { folded = folded[..<colon] }
        while let last = folded.last, last == "." || last == " " { folded.removeLast() }
        return folded == ".git" || folded == "git~1"
    }
}

/// The path that a source is read under.
struct SourcePath: Equatable, Sendable {
    /// From the root of the repository; none means all of it.
    let parts: [String]

    /// Takes `a/b`, `a/b/`, `./a/b` and the empty path.
    init(_ text: String) throws(GitError) {
        // By bytes, as git does: a slash that a combining mark follows is a slash.
        let slash = UInt8(ascii: "/")
        guard text.utf8.first != slash else {
            throw .configuration(.badPath(text, problem: "it begins with a slash"))
        }
        let parts = text.utf8.split(separator: slash).map { String(Substring($0)) }.filter { $0 != "." }
        for part in parts {
            if let problem = EntryName.problem(with: part.utf8) {
                throw .configuration(.badPath(text, problem: "“\(part)” is \(problem)"))
            }
        }
        self.parts = parts
    }
}
