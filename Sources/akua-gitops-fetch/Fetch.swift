import CGit2
import GitPlumbing

/// Brings the mirror of one source to the remote's tip, cloning it where there is none or a damaged one.
struct Fetch {
    private let request: FetchRequest
    private let layout: MirrorLayout
    private let meter: Meter

    init(_ request: FetchRequest) {
        self.request = request
        layout = MirrorLayout(directory: request.directory)
        meter = Meter(request.limits)
    }

    /// What was done, failures included.
    func report() -> FetchReport {
        var report = FetchReport()
        do {
            try start()
            try Files.makeFolder(layout.directory)
            try run(&report, holding: MirrorLock(layout.lock))
        } catch {
            report.outcome = .failed(error)
        }
        report.progress = meter.progress
        return report
    }

    private func start() throws(FetchFailure) {
        do {
            try LibGit2.start()
            try LibGit2Error.check(cgit2_set_user_agent("akua-gitops"), "git_libgit2_opts(SET_USER_AGENT)")
            try LibGit2Error.check(
                cgit2_set_pack_objects_max(request.limits.objects), "git_libgit2_opts(SET_PACK_MAX_OBJECTS)")
        } catch {
            throw FetchFailure(.other, error.description)
        }
        guard let caFile = request.caFile else { return }
        guard cgit2_set_certificate_file(caFile) == 0 else {
            throw FetchFailure(.certificateRefused, "the certificates in \(caFile) can't be read")
        }
    }

    private func run(_ report: inout FetchReport, holding lock: borrowing MirrorLock) throws(FetchFailure) {
        try Files.remove(layout.incoming)
        var damage: String?
        if request.replacesMirror {
            damage = "an object could not be read"
        } else if Files.exists(layout.repository) {
            do throws(UpdateFailure) {
                report.outcome = try update(&report)
                return
            } catch {
                switch error {
                case .failed(let failure): throw failure
                case .damagedMirror(let reason): damage = reason
                }
            }
        }
        report.outcome = try clone()
        if let damage, Files.exists(layout.repository) {
            try Files.remove(layout.damaged)
            try Files.move(layout.repository, to: layout.damaged)
            report.events.append(.replaced(reason: damage))
        } else {
            report.events.append(.cloned)
        }
        try Files.move(layout.incoming, to: layout.repository)
    }

    /// Fetches into the mirror that is there; asks the remote nothing if the mirror is damaged.
    private func update(_ report: inout FetchReport) throws(UpdateFailure) -> FetchReport.Outcome {
        guard !Files.exists(layout.repository + "/shallow") else { throw .damagedMirror("the mirror is shallow") }
        do { try Mirror.removeLeftovers(at: layout.repository) } catch { throw .failed(error) }
        let mirror = try openMirror()
        do {
            let tip = try fetchTip(into: mirror)
            if tip.isSame(as: mirror.tip) { return .unchanged(commit: tip.hex) }
            try mirror.move(tipTo: tip)
            // What could not be joined now is joined after a later fetch; this one has brought what it was to bring.
            if let packs = try? Compaction(of: mirror.path).run() { report.events.append(.compacted(packs: packs)) }
            return .changed(commit: tip.hex, previous: mirror.tip?.hex)
        } catch {
            // A delta against an object of ours that can't be read looks like a bad pack: a clone tells the two apart.
            throw error.reason == .malformedPack ? .damagedMirror(error.detail) : .failed(error)
        }
    }

    private func openMirror() throws(UpdateFailure) -> Mirror {
        do { return try Mirror.open(at: layout.repository) } catch { throw .damagedMirror(error.description) }
    }

    private func clone() throws(FetchFailure) -> FetchReport.Outcome {
        let mirror = try Mirror.create(at: layout.incoming)
        let tip = try fetchTip(into: mirror)
        try mirror.move(tipTo: tip)
        return .changed(commit: tip.hex, previous: nil)
    }

    /// The remote's tip, once the mirror has its commit and all that it refers to.
    private func fetchTip(into mirror: borrowing Mirror) throws(FetchFailure) -> git_oid {
        let tip: git_oid
        switch request.remote {
        case .path(let path):
            let remote = try LocalRemote.open(path)
            tip = try remote.tip(of: request.reference)
            if tip.isSame(as: mirror.tip) { return tip }
            try remote.copy(tip, into: mirror, meter)
        case .url(let url):
            let remote = try NetworkRemote.connect(to: url, for: mirror, Session(request, meter))
            tip = try remote.tip(of: request.reference)
            if tip.isSame(as: mirror.tip) { return tip }
            try remote.download(request.reference)
        }
        do { try mirror.repository.check(commit: tip) } catch { throw FetchFailure(ofCommit: error) }
        return tip
    }
}

/// Why the mirror that is there could not be brought up to date.
private enum UpdateFailure: Error {
    /// Something is wrong with the mirror itself.
    case damagedMirror(String)
    case failed(FetchFailure)
}
