import ArgumentParser
import Foundation
import Subprocess
import SystemPackage

/// One of the equal shares that work is cut into: every `count`-th item, from `index` on.
struct Share: ExpressibleByArgument {
    static let all = Share(index: 0, count: 1)

    var index: Int
    var count: Int

    init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

    init?(argument: String) {
        let numbers = argument.split(separator: "/").compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] > 0, (0..<numbers[1]).contains(numbers[0]) else { return nil }
        self.init(index: numbers[0], count: numbers[1])
    }

    /// Has each share done by a process of its own, with `--share` after the arguments of this one.
    ///
    /// Threads of one process would wait for each other in SQLite and in the allocator, for a fifth of the time. A share
    /// prints what it came to as JSON; `isEnough` of one ends the others, which then count for nothing.
    ///
    /// - Throws: ``Failure`` when a process ends badly.
    static func inProcesses<Result: Decodable & Sendable>(
        _ count: Int, isEnough: @escaping @Sendable (Result) -> Bool
    ) async throws -> [Result] {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = Array(CommandLine.arguments.dropFirst())
        return try await withThrowingTaskGroup(of: Result.self) { group in
            for index in 0..<count {
                group.addTask {
                    let ended = try await Subprocess.run(
                        .path(FilePath(program)), arguments: Arguments(arguments + ["--share", "\(index)/\(count)"]),
                        output: .bytes(limit: 1 << 28), error: .currentStandardError)
                    try Task.checkCancellation()
                    guard ended.terminationStatus.isSuccess else {
                        throw Failure(description: "share \(index) of \(count) ended with \(ended.terminationStatus)")
                    }
                    return try JSONDecoder().decode(Result.self, from: Data(ended.standardOutput))
                }
            }
            var results: [Result] = []
            while let result = try await group.next() {
                results.append(result)
                guard !isEnough(result) else { break }
            }
            group.cancelAll()
            return results
        }
    }

    /// Prints the result of a share for the process that asked for it.
    static func report(_ result: some Encodable) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(result))
    }
}

/// Some runs failed: what is said of them.
struct Failure: Error, CustomStringConvertible {
    var description: String
}
