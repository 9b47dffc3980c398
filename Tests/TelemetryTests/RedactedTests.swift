import Telemetry
import Testing

@Suite struct RedactedTests {
    private struct Holder { var token = Redacted("canary-7f3a") }

    @Test func `I11: a secret prints as redacted however it is printed`() {
        let secret = Redacted("canary-7f3a")
        var dumped = ""
        dump(Holder(), to: &dumped)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder())", "\([secret])", dumped,
            "\(Optional(secret) as Any)", String(reflecting: ["key": secret]),
        ]
        #expect(printed.filter { $0.contains("canary") } == [])
        #expect("\(secret)" == "<redacted>")
        #expect(secret.reveal() == "canary-7f3a")
    }

    @Test func `I11: a secret is no value of a log line`() {
        #expect(!((Redacted("canary-7f3a") as Any) is any LogValue))
    }
}
