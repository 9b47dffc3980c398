extension Event {
    /// What the journal calls the event (`MESSAGE_ID`): 128 bits that never change, for `journalctl MESSAGE_ID=…` and the
    /// message catalogue.
    ///
    /// The first half of the SHA-256 of `akua-gitops event NAME`. Written out, since a constant that is computed moves with
    /// whatever computes it.
    package var messageID: String {
        switch self {
        case .daemonStarting: "aed540d64f79d98e7bb22dfe3e464193"
        case .daemonReady: "52e1f508ff7569e5d965dbed814a159a"
        case .daemonReloaded: "2d57eea8abca4c61f25bb17565650d6a"
        case .daemonStopping: "49b7d2ccea2203e81da3d318132b8611"
        case .daemonStopped: "be1102def1c535818e94c40f0ea3a205"
        case .sourceFetched: "3f53794e6c8dfa61834b2d3c7e79731c"
        case .sourceUnchanged: "e1dba7bd5402d2a5c2150582ab51e211"
        case .sourceRejected: "fc7b14139a1aaa2aa1f3326ee50e217e"
        case .sourceFailed: "2d0dc702e91180cfb42b9e1e008bb26e"
        case .sourceSuspended: "7ea932a5d02ba6f03e57b7f45cbc231e"
        case .sourceResumed: "5dcac46dc63f4f7cb97f9550afc5d85f"
        case .manifestInvalid: "2e6da5409397636d03e54db58a1c147b"
        case .reconcileStarted: "c2150e1dddc8a05b0820cfa9aac65f80"
        case .reconcileFinished: "37fcba7572248a254748339d0c467b0b"
        case .reconcileFailed: "a4ea8df10a3437cf80e6f318cb37b292"
        case .reconcileSkipped: "f3d84686a70e25c1499fc9f4e7237715"
        case .reconcileSuperseded: "add378f5962a6063085d7721c2755989"
        case .planComputed: "12d847fc67d8431502eb8433d1aaa02b"
        case .driftDetected: "4c01040ee8717d957a14fc7165389c52"
        case .actionStarted: "c5966da7637adbb4c4eb393ac3d7a80b"
        case .actionSucceeded: "0af4794ca14dd5e0432a2656f311c36b"
        case .actionFailed: "424f080fb8d80c299ca8d9515f87f006"
        case .actionDeferred: "fb63f02d7c4de34ec81b0aa4bf1c8a73"
        case .actionBlocked: "d99e80a8cf0ca40e4384b352d1c724e7"
        case .operationWaiting: "8a83e0ed3576313d9f13b94963969ebf"
        case .operationFinished: "5051abec56ae9b78b307892a236d7e5a"
        case .renderRecorded: "61a330e026cd1f26613cab7510ddfc92"
        case .pruneBlocked: "2ef7b5c109e13a98b0da99b61da86a6b"
        case .apiRetried: "82c8ee08858a4e6f3b476ebccf5dbe4a"
        case .apiConflict: "87986981f27950d7af308235db85306d"
        case .apiThrottled: "06cba8742b6b45e56acd03974349271d"
        case .journalRecovered: "67693b6736ea02bf66c0e363ad847899"
        case .libraryOutdated: "1ccc76538c5b94cc8973956842c217f9"
        case .libraryLogged: "5ee1f7f1fdf82304d9ec897af8d10b21"
        case .telemetryFailed: "1c9ebb351f4194bc6ee6d708ac42d645"
        }
    }
}
