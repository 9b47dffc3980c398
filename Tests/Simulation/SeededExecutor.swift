import Synchronization

/// Runs the tasks of a simulation one job at a time, in an order that a seed decides.
///
/// Every task that is made within one that prefers this executor runs here too, so that nothing of a run is left to
/// chance: the same seed gives the same order.
package final class SeededExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var seed: Seed
        var steps = 0
    }

    private let state: Mutex<State>

    package init(seed: Seed) { state = Mutex(State(seed: seed)) }

    /// How many jobs were run.
    package var steps: Int { state.withLock { $0.steps } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// Nothing is left to run, and nothing will come.
    package struct Stuck: Error {}

    /// Runs jobs on the caller's thread until `isOver`.
    ///
    /// - Parameters:
    ///   - onStep: called before each job, with the number of jobs so far.
    ///   - whenIdle: brings about the next job when there is none, as by letting time pass; false when there is nothing
    ///     that could.
    package func run(until isOver: () -> Bool, onStep: (Int) -> Void, whenIdle: () -> Bool) throws(Stuck) {
        while !isOver() {
            let next = state.withLock { state -> (job: UnownedJob, step: Int)? in
                guard !state.jobs.isEmpty else { return nil }
                state.steps += 1
                let index = Int.random(in: 0..<state.jobs.count, using: &state.seed)
                return (state.jobs.remove(at: index), state.steps)
            }
            if let next {
                onStep(next.step)
                // SAFETY: each job was taken out of the queue, so that it runs once; this executor outlives it.
                unsafe next.job.runSynchronously(on: asUnownedTaskExecutor())
            } else if !whenIdle() {
                throw Stuck()
            }
        }
    }
}
