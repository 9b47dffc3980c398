/// A text that is shown again and again: in place on a terminal, as blocks elsewhere.
struct Screen {
    /// Whether lines can be drawn over.
    let isLive: Bool
    private var last: String?

    private static let home = "\u{1B}[H"
    private static let eraseToEndOfLine = "\u{1B}[K"
    private static let eraseBelow = "\u{1B}[J"
    private static let eraseAll = "\u{1B}[2J"

    init(isLive: Bool) { self.isLive = isLive }

    /// What is to be written for the text to be seen; nil when it is seen already.
    ///
    /// On a terminal line by line over the one before, which does not flicker.
    mutating func next(_ text: String) -> String? {
        guard text != last else { return nil }
        defer { last = text }
        guard isLive else { return last == nil ? text : "\n" + text }
        let lines = text.replacing("\n", with: Self.eraseToEndOfLine + "\n")
        return (last == nil ? Self.eraseAll : "") + Self.home + lines + Self.eraseBelow
    }
}
