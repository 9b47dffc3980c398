package import AkuaEmulator
import JSON
import Synchronization

/// An emulator that runs in this process, on a free port of the loopback interface.
package final class RunningEmulator: Sendable {
    /// Requests, faults, switches, time and state.
    package let emulator: Emulator
    package let address: Emulator.Address
    private let task: Task<Void, any Error>
    private let violations: ViolationBox

    /// What went over the wire and the platform's document does not allow; empty where the document is absent.
    package var contractViolations: [OpenAPIContract.Violation] { violations.all }
    /// The base of the platform's API, such as `http://127.0.0.1:49152/v1`.
    package var baseURL: String { address.baseURL }
    /// The base of the control API.
    package var controlURL: String { address.controlURL }
    /// The token that it takes, unless the options say otherwise.
    package var token: String { emulator.options.tokens.first?.value ?? "" }
    /// The workspace of that token.
    package var workspace: String { emulator.options.workspaces.first?.id ?? "" }

    /// Starts one and returns once it takes requests; ``stop()`` ends it.
    ///
    /// Every exchange is held against the platform's document, where that is present.
    package static func start(_ options: EmulatorOptions = .fast) async throws -> RunningEmulator {
        let violations = ViolationBox()
        var options = options
        let observer = options.observer
        options.observer = { exchange in
            observer?(exchange)
            violations.check(exchange)
        }
        let (addresses, started) = AsyncThrowingStream<Emulator.Address, any Error>.makeStream()
        let emulator = try Emulator(options) { started.yield($0) }
        let task = Task {
            do {
                try await emulator.run()
                started.finish()
            } catch {
                started.finish(throwing: error)
                throw error
            }
        }
        for try await address in addresses {
            return RunningEmulator(emulator: emulator, address: address, task: task, violations: violations)
        }
        throw CancellationError()
    }

    /// Starts one for the time that `body` takes.
    package static func with<Value>(
        _ options: EmulatorOptions = .fast, _ body: (RunningEmulator) async throws -> Value
    ) async throws -> Value {
        let running = try await start(options)
        do {
            let value = try await body(running)
            await running.stop()
            return value
        } catch {
            await running.stop()
            throw error
        }
    }

    private init(
        emulator: Emulator, address: Emulator.Address, task: Task<Void, any Error>, violations: ViolationBox
    ) {
        self.emulator = emulator
        self.address = address
        self.task = task
        self.violations = violations
    }

    deinit { task.cancel() }

    /// Closes all connections, and returns once the port is free and the state is stored.
    package func stop() async {
        task.cancel()
        _ = await task.result
    }
}

/// Collects what exchanges do wrong.
private final class ViolationBox: Sendable {
    private let found = Mutex<[OpenAPIContract.Violation]>([])

    var all: [OpenAPIContract.Violation] { found.withLock { $0 } }

    func check(_ exchange: Exchange) {
        guard let new = OpenAPIContract.shared?.violations(in: exchange), !new.isEmpty else { return }
        found.withLock { $0 += new }
    }
}

extension EmulatorOptions {
    /// For tests: operations take milliseconds.
    package static let fast: EmulatorOptions = {
        var options = EmulatorOptions()
        options.timeScale = 200
        return options
    }()
}
