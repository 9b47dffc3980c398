import Subprocess
import SystemPackage

/// A program of the machine that a fixture is made with.
package enum Tool {
    /// What a program said on its standard output, without the last line's end; throws unless it ended with 0.
    @discardableResult
    package static func run(
        _ name: String, _ arguments: [String], in folder: String, environment: [String: String] = [:],
        input: [UInt8] = []
    ) async throws -> String {
        var variables: [Environment.Key: String?] = [:]
        for (key, value) in environment { variables[Environment.Key(stringLiteral: key)] = value }
        let result = try await Subprocess.run(
            name.hasPrefix("/") ? .path(FilePath(name)) : .name(name), arguments: Arguments(arguments),
            environment: .inherit.updating(variables),
            workingDirectory: FilePath(folder), input: .array(input), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        guard case .exited(0) = result.terminationStatus else {
            throw ToolFailure(
                command: ([name] + arguments).joined(separator: " "), status: "\(result.terminationStatus)",
                message: result.standardError)
        }
        var output = String(decoding: result.standardOutput, as: UTF8.self)
        if output.hasSuffix("\n") { output.removeLast() }
        return output
    }
}

/// A program that a fixture needs did not do its work.
package struct ToolFailure: Error, CustomStringConvertible {
    package var command: String
    package var status: String
    package var message: String

    package var description: String { "\(command): \(status): \(message)" }
}
