import JSON

/// What is remembered of a write that carried an idempotency key.
struct ReceiptRecord: Record {
    static let kind = Kind.receipt

    /// What the same key is answered with.
    enum Replay: Codable, Sendable, Equatable {
        /// The operation as it stands now.
        case operation(String)
        /// The object as it stands now or, when it is gone, what the switch says.
        case package(String)
        case cluster(String)
        case product(String)
        case render(String)
        /// What was answered, word for word.
        case answer
    }

    /// ``name(workspace:call:key:)``.
    var id: String
    var serial: Int
    /// Tells the request from another one with the same key.
    var fingerprint: UInt64
    var status: Int
    var answer: String
    var replay: Replay
    var createdAt: Int

    /// Keys are told apart by workspace and endpoint.
    static func name(workspace: String, call: String, key: String) -> String { "\(workspace) \(call) \(key)" }
}
