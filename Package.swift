// swift-tools-version: 6.2
import PackageDescription

// The arrows between targets follow ARCHITECTURE.md; Tests/TidyTests holds the same table and checks every import.

var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
// scripts/test sets this: a warning of ours fails the build there, never on a user's machine with a newer compiler.
if Context.environment["AKUA_GITOPS_STRICT"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}
/// For the modules that touch no C: the compiler proves that no unsafe construct is in them.
let safe = settings + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// The sanitizer that `scripts/test --sanitize` builds for, which sets the variable.
let sanitizer = Context.environment["AKUA_GITOPS_SANITIZE"]
/// What the thread sanitizer has to be told of Swift's mutex; the modules that every program has bring it along.
let mutexAnnotations: [Target] =
    sanitizer == "thread"
    ? [.target(name: "MutexAnnotations", path: "Tests/MutexAnnotations")] : []
let annotated = mutexAnnotations.map { Target.Dependency(stringLiteral: $0.name) }

/// The properties of every parser: ordinarily a test that replays their kept corpus; for `scripts/fuzz`, which sets the
/// variable, one program under libFuzzer, so that no ordinary build needs the fuzzer's runtime.
let fuzzing: Target = {
    let parts: [Target.Dependency] = [
        "AkuaAPI", "AkuaModel", "Bootstrap", "CurlTransport", "Daemon", "GitPlumbing", "GitSource", "JSON", "Journal",
        "Manifests", "Planning", "Telemetry", logging, nioCore,
    ]
    return Context.environment["AKUA_GITOPS_FUZZ"] == nil
        ? .testTarget(
            name: "FuzzTests", dependencies: parts + ["TestSupport"], exclude: ["Driver"], swiftSettings: settings)
        : .executableTarget(
            name: "akua-gitops-fuzz", dependencies: parts, path: "Tests/FuzzTests",
            exclude: ["CorpusTests.swift", "FindingTests.swift"],
            swiftSettings: settings)
}()

let package = Package(
    name: "akua-gitops",
    products: [
        .executable(name: "akua-gitops", targets: ["akua-gitops"]),
        .executable(name: "akua-gitops-fetch", targets: ["akua-gitops-fetch"]),
        .executable(name: "akua-emulator", targets: ["akua-emulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Without its traits: it would bring a configuration system along that nothing here uses.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // System libraries: headers, and typed shims where C is variadic.
        .systemLibrary(name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // The functional core: values in, values out.
        .target(name: "JSON", dependencies: annotated, swiftSettings: safe),
        .target(name: "AkuaModel", dependencies: ["JSON"], swiftSettings: safe),
        .target(name: "Manifests", dependencies: ["JSON", "CYAML"], swiftSettings: settings),
        .target(name: "Planning", dependencies: ["JSON", "AkuaModel", "Manifests", crypto], swiftSettings: safe),

        // The imperative shell.
        .target(name: "Telemetry", dependencies: ["JSON", logging, metrics, tracing], swiftSettings: settings),
        .target(name: "CurlTransport", dependencies: ["CCurl"], swiftSettings: settings),
        .target(
            name: "AkuaAPI", dependencies: ["JSON", "AkuaModel", "CurlTransport", "Telemetry"],
            swiftSettings: safe),
        .target(name: "GitPlumbing", dependencies: ["CGit2"] + annotated, swiftSettings: settings),
        .target(name: "GitSource", dependencies: ["CGit2", "GitPlumbing", subprocess], swiftSettings: settings),
        .target(name: "Journal", dependencies: ["JSON", "AkuaModel", grdb], swiftSettings: safe),
        .target(
            name: "Reconciler",
            dependencies: [
                "JSON", "AkuaModel", "AkuaAPI", "CurlTransport", "GitSource", "Journal", "Manifests", "Planning",
                "Telemetry",
            ], swiftSettings: safe),
        .target(name: "Bootstrap", dependencies: ["Manifests"], swiftSettings: safe),
        .target(
            name: "Daemon",
            dependencies: [
                "CLinux", "JSON", "Bootstrap", "Reconciler", "Telemetry", hummingbird, lifecycle, nioCore, nioPosix,
                unixSignals,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "akua-gitops",
            dependencies: [
                "AkuaModel", "Bootstrap", "Daemon", "JSON", "Journal", "Manifests", "Planning", "Reconciler",
                "Telemetry", argumentParser,
            ], swiftSettings: safe),
        .executableTarget(
            name: "akua-gitops-fetch", dependencies: ["CGit2", "CLinux", "GitPlumbing"],
            swiftSettings: settings + (sanitizer == nil ? [] : [.define("SANITIZED")])),

        // The local Akua.
        .target(
            name: "AkuaEmulator",
            dependencies: ["JSON", grdb, hummingbird, hummingbirdTLS, hummingbirdHTTP2, lifecycle, logging],
            swiftSettings: safe),
        .executableTarget(
            name: "akua-emulator",
            dependencies: ["AkuaEmulator", "JSON", argumentParser, lifecycle, logging, unixSignals],
            swiftSettings: safe),

        // The simulation: the real reconciler and journal in a world where a seed decides everything.
        .target(
            name: "Simulation",
            dependencies: [
                "AkuaAPI", "AkuaModel", "JSON", "Journal", "Manifests", "Planning", "Reconciler", "Telemetry", logging,
            ], path: "Tests/Simulation", swiftSettings: safe),
        .executableTarget(
            name: "akua-gitops-simulate", dependencies: ["Simulation", argumentParser, subprocess],
            path: "Tests/Simulate",
            swiftSettings: safe),

        // Tests. TestSupport holds temporary folders, real git repositories, seeds and running emulators.
        .target(
            name: "TestSupport", dependencies: ["AkuaEmulator", "JSON", subprocess], path: "Tests/TestSupport",
            swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(name: "AkuaModelTests", dependencies: ["AkuaModel", "JSON"], swiftSettings: settings),
        .testTarget(name: "ManifestsTests", dependencies: ["Manifests", "JSON"], swiftSettings: settings),
        .testTarget(
            name: "PlanningTests", dependencies: ["Planning", "Manifests", "AkuaModel", "JSON", "Simulation"],
            swiftSettings: settings),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry", "JSON", "TestSupport", crypto, logging, metrics],
            swiftSettings: settings),
        .testTarget(
            name: "CurlTransportTests", dependencies: ["CurlTransport", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "AkuaAPITests", dependencies: ["AkuaAPI", "AkuaModel", "JSON", "CurlTransport", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "GitSourceTests", dependencies: ["GitSource", "GitPlumbing", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "AkuaModel", "JSON", "TestSupport", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: [
                "Reconciler", "AkuaAPI", "AkuaModel", "GitSource", "JSON", "Journal", "Manifests", "Planning",
                "Simulation", "Telemetry", "TestSupport", logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "BootstrapTests", dependencies: ["Bootstrap", "Manifests", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "AkuaModel", "Bootstrap", "Daemon", "JSON", "Journal", "Manifests", "Planning", "Reconciler",
                "Telemetry", "TestSupport", lifecycle, nioCore, nioPosix,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AkuaEmulatorTests", dependencies: ["AkuaEmulator", "JSON", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CommandTests", dependencies: ["TestSupport", "JSON", "AkuaEmulator", "Telemetry", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "OutputTests",
            dependencies: [
                "akua-gitops", "AkuaAPI", "AkuaModel", "Bootstrap", "Daemon", "GitSource", "JSON", "Journal",
                "Manifests",
                "Planning",
                "Reconciler", "Telemetry", "TestSupport", argumentParser, logging,
            ], swiftSettings: settings),
        .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: settings),
        fuzzing,
    ] + mutexAnnotations,
    swiftLanguageModes: [.v6]
)
