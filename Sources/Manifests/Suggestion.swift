/// Finds the word that was probably meant.
package enum Suggestion {
    /// Two slips of the keyboard at most; in words of up to four letters one.
    static let editsMax = 2

    /// The candidate that is nearest to `word`, if one is near enough; of two equally near ones the first.
    package static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
        var best: (distance: Int, candidate: String)?
        let letters = Array(word.lowercased().unicodeScalars.prefix(200))
        let reach = letters.count <= 4 ? 1 : editsMax
        for candidate in candidates where candidate != word {
            let limit = best.map { $0.distance - 1 } ?? reach
            guard limit >= 0 else { break }
            let other = Array(candidate.lowercased().unicodeScalars.prefix(200))
            guard let distance = edits(from: letters, to: other, max: limit) else { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// The question for a message, or nil when nothing is near.
    package static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
        closest(to: word, among: candidates).map { "did you mean \(Quoted($0))?" }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one of the other; nil above `max`.
    static func edits(from a: [Unicode.Scalar], to b: [Unicode.Scalar], max: Int) -> Int? {
        guard abs(a.count - b.count) <= max else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            guard row.contains(where: { $0 <= max }) else { return nil }
            (beforeLast, last) = (last, row)
        }
        return last[b.count] <= max ? last[b.count] : nil
    }
}
