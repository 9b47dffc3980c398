import Foundation
import Synchronization

/// The target that `AKUA_GITOPS_FUZZ_TARGET` names; `scripts/fuzz` sets it.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["AKUA_GITOPS_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        FileHandle.standardError.write(Data("AKUA_GITOPS_FUZZ_TARGET names no target: '\(name)'\n".utf8))
        exit(64)
    }
    return target
}()

/// What libFuzzer calls with each input; its runtime has the `main` of this program.
///
/// Traps, so that libFuzzer keeps the input, when the property does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let problem = FuzzThread.shared.run({ try await target.run(input) }) {
        fatalError("\(target.name): \(target.property); but: \(problem)")
    }
    return 0
}

/// Runs what suspends on libFuzzer's own thread: what traps is then seen there, on the stack that it watches.
private final class FuzzThread: TaskExecutor {
    static let shared = FuzzThread()

    private let jobs = Mutex<[UnownedJob]>([])
    private let isWork = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        isWork.signal()
    }

    /// The error that the body ends with, if any, once it has ended.
    func run(_ body: @escaping @Sendable () async throws -> Void) -> (any Error)? {
        let end = End()
        Task(executorPreference: self) {
            do {
                try await body()
                end.result.withLock { $0 = .success(()) }
            } catch {
                end.result.withLock { $0 = .failure(error) }
            }
        }
        while true {
            switch end.result.withLock({ $0 }) {
            case .success: return nil
            case .failure(let error): return error
            case nil: isWork.wait()
            }
            let ready = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    private final class End: Sendable {
        let result = Mutex<Result<Void, any Error>?>(nil)
    }
}
