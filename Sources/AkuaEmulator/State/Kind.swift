/// The kinds of object that the emulator keeps, with the prefix of their ids.
enum Kind: String, Codable, CaseIterable, Sendable {
    case workspace, region, cluster, package, version, product, install, render, operation, repository
    /// Not part of the platform's API: what a repeated idempotency key is answered with, and what the registry holds.
    case receipt, artifact

    /// What an id of this kind begins with; the documents leave those of regions and versions open.
    var prefix: String {
        switch self {
        case .workspace: "ws_"
        case .region: "reg_"
        case .cluster: "clu_"
        case .package: "pkg_"
        case .version: "pver_"
        case .product: "prod_"
        case .install: "inst_"
        case .render: "rnd_"
        case .operation: "op_"
        case .repository: "repo_"
        case .receipt: "rcpt_"
        case .artifact: "art_"
        }
    }

    /// The word of an error message.
    var noun: String { self == .version ? "package version" : rawValue }
}

/// Makes the opaque part of ids, etags' order and commit hashes: the same seed and number give the same text.
struct Mixer: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// One step of SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// That many lower-case hexadecimal digits.
    mutating func hex(_ count: Int) -> String { text(count, of: Array("0123456789abcdef")) }

    /// That many letters and digits, none of which looks like another.
    mutating func word(_ count: Int) -> String { text(count, of: Array("abcdefghjkmnpqrstvwxyz0123456789")) }

    private mutating func text(_ count: Int, of alphabet: [Character]) -> String {
        String((0..<count).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] })
    }
}

/// Tells contents apart; not a defence against someone who looks for collisions.
enum Fingerprint {
    /// FNV-1a over `bytes`.
    static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// Sixty-four hexadecimal digits that depend on `bytes` alone.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var mixer = Mixer(seed: number(bytes))
        return mixer.hex(64)
    }
}
