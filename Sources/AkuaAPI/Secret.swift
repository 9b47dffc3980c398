/// A text that must not be seen: printing, dumping or interpolating it shows a placeholder.
///
/// Holds I11. Only ``reveal()`` gives the text, at the one place where it goes onto the wire.
package struct Secret: Hashable, Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself; never log or store what this returns.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
