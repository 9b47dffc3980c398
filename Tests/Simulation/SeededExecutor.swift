import Synchronization

/// Runs the tasks of a simulation one job at a time, in an order that a seed decides.
///
/// Every task that is made within one that prefers this executor runs here too, so that nothing of a run is left to
/// chance: the same seed gives the same order.
package final class SeededExecutor: TaskExecutor {
    /// The jobs of one process of the simulation, which can be stopped and go on later, as by SIGSTOP and SIGCONT.
    package final class Lane: TaskExecutor {
        private let executor: SeededExecutor
        private let isStopped = Atomic(false)

        fileprivate init(_ executor: SeededExecutor) { self.executor = executor }

        package func enqueue(_ job: consuming ExecutorJob) { executor.add(UnownedJob(job), self) }
        package func stop() { isStopped.store(true, ordering: .relaxed) }
        package func goOn() { isStopped.store(false, ordering: .relaxed) }

        fileprivate var runs: Bool { !isStopped.load(ordering: .relaxed) }
    }

    private struct State {
        var jobs: [(job: UnownedJob, lane: Lane?)] = []
        var seed: Seed
        var steps = 0

        /// Takes one of the jobs that may run.
        mutating func next() -> (job: UnownedJob, lane: Lane?, step: Int)? {
            let running = jobs.indices.filter { jobs[$0].lane?.runs ?? true }
            guard let index = running.randomElement(using: &seed) else { return nil }
            steps += 1
            let (job, lane) = jobs.remove(at: index)
            return (job, lane, steps)
        }
    }

    private let state: Mutex<State>

    package init(seed: Seed) { state = Mutex(State(seed: seed)) }

    /// How many jobs were run.
    package var steps: Int { state.withLock { $0.steps } }

    package func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job), nil) }

    /// A lane of its own for what can be stopped.
    package func lane() -> Lane { Lane(self) }

    private func add(_ job: UnownedJob, _ lane: Lane?) { state.withLock { $0.jobs.append((job, lane)) } }

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
            if let (job, lane, step) = state.withLock({ $0.next() }) {
                onStep(step)
                // SAFETY: each job was taken out of the queue, so that it runs once; the executors outlive it.
                let executor = unsafe lane.map { unsafe $0.asUnownedTaskExecutor() } ?? asUnownedTaskExecutor()
                unsafe job.runSynchronously(on: executor)
            } else if !whenIdle() {
                throw Stuck()
            }
        }
    }

    /// Runs what is left of a run that is over, so that nothing of it lives on into the next one.
    package func drain() {
        // Stuck is how it ends: nothing is left.
        try? run(until: { false }, onStep: { _ in }, whenIdle: { false })
    }
}
