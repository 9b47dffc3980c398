import ArgumentParser
import Daemon
import Foundation
import JSON
import Journal
import Reconciler
import Telemetry

/// Why a command ends: an exit code (docs/reference/exit-codes.md) and what to say on standard error.
struct Failure: Error, CustomStringConvertible {
    var code: ExitStatus
    var description: String

    init(_ code: ExitStatus, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension AsyncParsableCommand {
    /// Runs a command's body and turns what it throws into a sentence and an exit code.
    func reporting(_ body: () async throws -> ExitStatus) async throws {
        let code: ExitStatus
        do {
            code = try await body()
        } catch let failure as Failure {
            Output.error(failure.description)
            code = failure.code
        } catch let error as JournalError {
            Output.error("\(error)")
            code = error.disposition == .configuration ? .invalidConfiguration : .other
        } catch let refusal as CommandRefusal {
            Output.error(refusal.description)
            code = refusal.code == CommandRefusal.malformed ? .usage : .other
        } catch let error as RuntimeError {
            Output.error("\(error)")
            code = .invalidConfiguration
        } catch is CancellationError {
            code = .other
        } catch {
            Output.error("\(error)")
            code = .other
        }
        guard code == .inSync else { throw ArgumentParser.ExitCode(code.rawValue) }
    }
}

/// Where text goes.
enum Output {
    /// Writes to standard output.
    ///
    /// A reader that has seen enough (`| head`) is no error; a disk that is full is one.
    static func print(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            if cause?.domain == NSPOSIXErrorDomain, cause?.code == Int(EPIPE) { return }
            throw Failure(.other, "standard output can't be written: \(cause?.localizedDescription ?? "\(error)")")
        }
    }

    static func print(_ document: JSONValue) throws {
        try print(JSONWriter(isPretty: true).text(of: document) + "\n")
    }

    /// Writes to standard error, each line with the program's name before it.
    static func error(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = "akua-gitops: \(TerminalText.safe(String(line)))\n"
            // Where standard error is closed there is nobody left to tell.
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
    }
}
