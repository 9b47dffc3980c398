/// Makes lists what the platform does not promise that they are not: late, incomplete, repetitive, out of order.
///
/// While it is on, the first page of a walk takes a picture of the whole list; the pages show an older, distorted one.
struct ListDistortion: Sendable {
    /// Pictures of each list, oldest first, as JSON texts of its objects.
    private var pictures: [UInt64: [[[UInt8]]]] = [:]
    /// The walks that are under way, by number.
    private var walks: [Int: [[UInt8]]] = [:]
    private var lastWalk = 0
    private var random: Mixer

    /// Walks that nobody finished are forgotten beyond this many.
    private static let walksMax = 64

    init(seed: UInt64) { random = Mixer(seed: seed) }

    /// Starts a walk over a list that holds `items` at present, and answers its number.
    mutating func begin(list: UInt64, items: [[UInt8]], _ switches: Switches) -> Int {
        var history = pictures[list] ?? []
        history.append(items)
        history = history.suffix(switches.listLagWalks + 1)
        pictures[list] = history
        var shown: [[UInt8]] = []
        for item in history[0] where !chance(switches.listOmitPercent) {
            shown.append(item)
            if chance(switches.listRepeatPercent) { shown.append(item) }
        }
        if switches.listOrder != .stable { shown.shuffle(using: &random) }
        lastWalk += 1
        walks[lastWalk] = shown
        walks[lastWalk - Self.walksMax] = nil
        return lastWalk
    }

    /// The next items of a walk, and whether there are more; none of a walk that is forgotten.
    mutating func items(
        of walk: Int, from position: Int, count: Int, _ switches: Switches
    ) -> (items: [[UInt8]], hasMore: Bool) {
        guard var items = walks[walk], position < items.count else { return ([], false) }
        if switches.listOrder == .shuffledEachPage {
            items.shuffle(using: &random)
            walks[walk] = items
        }
        let end = min(position + count, items.count)
        return (Array(items[position..<end]), end < items.count)
    }

    private mutating func chance(_ percent: Int) -> Bool {
        percent > 0 && Int(random.next() % 100) < percent
    }
}

extension Switches {
    /// Whether any switch makes lists other than they are.
    var distortsLists: Bool {
        listLagWalks > 0 || listOmitPercent > 0 || listRepeatPercent > 0 || listOrder != .stable
    }
}
