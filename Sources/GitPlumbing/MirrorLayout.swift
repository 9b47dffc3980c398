/// Where the parts of a source's mirror lie inside its directory.
package struct MirrorLayout: Equatable, Sendable {
    /// The source's own directory.
    package var directory: String

    package init(directory: String) { self.directory = directory }

    /// The bare repository that is read; it comes to be by a rename, so it is there whole or not at all.
    package var repository: String { directory + "/mirror.git" }
    /// A first clone, or one that replaces a damaged mirror, until it is complete.
    package var incoming: String { directory + "/incoming.git" }
    /// The last mirror that was found damaged, kept to be looked at.
    package var damaged: String { directory + "/damaged.git" }
    /// Held by the one process that changes the mirror.
    package var lock: String { directory + "/fetch.lock" }

    /// The one reference of a mirror: the tip that was fetched last, whatever it is called at the remote.
    package static let tip = "refs/heads/tip"
}
