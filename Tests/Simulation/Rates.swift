/// How often what goes wrong, in percent; drawn anew for each run, so that some runs have much of one thing.
struct Rates: Sendable {
    /// Requests that get lost on the way there, and answers on the way back.
    var loss = 0
    var duplicates = 0
    /// Writes that take effect long after the daemon has given up on them.
    var delays = 0
    /// Calls refused with 429 or 5xx, and connections that can't be made.
    var refusals = 0
    /// Lists that show an older state, and items that a list leaves out.
    var staleLists = 0
    var omissions = 0
    /// Operations that fail.
    var failures = 0
    /// Passes during which the daemon is killed.
    var crashes = 0
    /// Passes that a newer commit or a stop of the daemon ends.
    var endings = 0
    /// Passes during which somebody else changes the workspace, or before which somebody does.
    var others = 0
    /// Steps before which the clock jumps, on or back.
    var jumps = 0
    /// Steps before which the state directory is lost.
    var losses = 0

    static let none = Rates()

    /// Lists that can't be believed, and nothing else (R7).
    static let lists: Rates = {
        var rates = Rates()
        (rates.staleLists, rates.omissions) = (60, 25)
        return rates
    }()

    init() {}

    init(_ seed: inout Seed) {
        func rate(_ max: Int, oneIn count: Int) -> Int {
            seed.isOne(in: count) ? Int.random(in: 1...max, using: &seed) : 0
        }
        loss = rate(30, oneIn: 2)
        duplicates = rate(50, oneIn: 4)
        delays = rate(20, oneIn: 4)
        refusals = rate(30, oneIn: 3)
        staleLists = rate(40, oneIn: 4)
        omissions = rate(20, oneIn: 6)
        failures = rate(30, oneIn: 4)
        crashes = rate(80, oneIn: 2)
        endings = rate(40, oneIn: 4)
        others = rate(50, oneIn: 3)
        jumps = rate(30, oneIn: 8)
        losses = rate(30, oneIn: 5)
    }
}
