import GitPlumbing
import Glibc

// One fetch into a source's mirror, then the end. The daemon starts this program for every poll, so that what blocks for
// ever, crashes or parses the bytes of strangers does so here, where it can be killed. A password goes with the process:
// no core dump is written of it, and no debugger of the same user can attach.

var report = FetchReport()
do {
    let request = try FetchRequest(decoding: StandardInput.readAll(bytesMax: Records.bytesMax))
    Confinement.enter(request)
    report = Fetch(request).report()
} catch {
    report.outcome = .failed(FetchFailure(.badRequest, error.problem))
}
StandardOutput.write(report.encoded)
