/// A random number generator that gives the same numbers for the same seed (SplitMix64).
package struct Seed: RandomNumberGenerator, Sendable, CustomStringConvertible {
    package let seed: UInt64
    private var state: UInt64

    package init(_ seed: UInt64) {
        self.seed = seed
        state = seed &* 0x9E37_79B9_7F4A_7C15
    }

    package var description: String { "seed \(seed)" }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True once in `count` times.
    package mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// True with that probability, in percent.
    package mutating func isWithin(percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// One of the items, or nil when there is none.
    package mutating func pick<Item>(_ items: [Item]) -> Item? { items.randomElement(using: &self) }

    /// A generator of its own: what is drawn from it leaves this one as it is.
    package mutating func fork() -> Seed { Seed(next()) }
}
