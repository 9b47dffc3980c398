import Foundation

/// How much of what takes long is done: little in the ordinary tests, as much as the environment asks for by script.
enum Extent {
    /// Runs with different seeds, from the first seed on.
    static func seeds(_ usual: Int) -> ClosedRange<UInt64> {
        let first = CrashExploration.seed
        return first...(first + UInt64(max(1, number("AKUA_GITOPS_RUNS") ?? usual)) - 1)
    }

    static func seconds(_ usual: Int) -> Int { number("AKUA_GITOPS_SECONDS") ?? usual }

    static func installs(_ usual: Int) -> Int { number("AKUA_GITOPS_INSTALLS") ?? usual }

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }
}
