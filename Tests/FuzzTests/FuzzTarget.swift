/// A parser together with what must hold of it for every input, whatever its bytes.
///
/// `scripts/fuzz` looks for an input that breaks the property; `CorpusTests` holds it for every input that was kept.
struct FuzzTarget: Sendable, CustomStringConvertible {
    /// How the property is looked at: on the spot, or by calls that suspend.
    enum Check: Sendable {
        case immediate(@Sendable ([UInt8]) throws -> Void)
        case suspending(@Sendable ([UInt8]) async throws -> Void)
    }

    /// Also the name of its folder in `Tests/Corpus`.
    let name: String
    /// What holds besides "it neither traps nor reads beyond its memory": one sentence.
    let property: String
    private let check: Check

    init(_ name: String, _ property: String, _ check: @escaping @Sendable ([UInt8]) throws -> Void) {
        (self.name, self.property, self.check) = (name, property, .immediate(check))
    }

    init(_ name: String, _ property: String, suspending check: @escaping @Sendable ([UInt8]) async throws -> Void) {
        (self.name, self.property, self.check) = (name, property, .suspending(check))
    }

    /// By name, in the order of the modules.
    static let all: [FuzzTarget] = {
        let groups: [[FuzzTarget]] = [
            json, yaml, manifests, versions, inputSchemas, answers, marks, git, telemetry, control, journal,
        ]
        return groups.flatMap { $0 }
    }()

    /// Throws what is broken, if anything is, for the input.
    func run(_ input: [UInt8]) async throws {
        switch check {
        case .immediate(let check): try check(input)
        case .suspending(let check): try await check(input)
        }
    }

    var description: String { name }
}

/// A property does not hold.
struct PropertyBroken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws unless the property holds; `what` says what is wrong instead.
func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(PropertyBroken) {
    guard holds else { throw PropertyBroken(what()) }
}

/// What there must be.
func require<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(PropertyBroken) -> Value {
    guard let value else { throw PropertyBroken(what()) }
    return value
}

extension [UInt8] {
    /// The input as text; bytes that are none are replaced.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The input's lines as texts: `count` of them, the last with all that follows and empty ones where it ends early.
    func lines(_ count: Int) -> [String] {
        let found = split(separator: 0x0A, maxSplits: count - 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return found + Array<String>(repeating: "", count: count - found.count)
    }

    /// How many lines a reader could name, one more than there are line ends.
    var lineCount: Int { 1 + count { $0 == 0x0A || $0 == 0x0D } }
}

extension String {
    /// Whether it is one line that moves no terminal's cursor and turns no direction round.
    var isOneSafeLine: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    /// Whether the bytes are the same, which `==` does not ask.
    func isSpelt(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
