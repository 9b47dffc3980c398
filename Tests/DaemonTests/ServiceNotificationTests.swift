import Daemon
import TestSupport
import Testing

@Suite struct ServiceNotificationTests {
    @Test(arguments: [false, true])
    func `systemd hears what happens, at a path or an abstract address`(_ isAbstract: Bool) throws {
        let systemd = try DatagramReceiver(abstract: isAbstract)
        let notification = ServiceNotification(environment: ["NOTIFY_SOCKET": systemd.path])
        notification.status("reading the journal")
        #expect(systemd.nextText() == "STATUS=reading the journal")
        notification.ready(status: "2 sources")
        #expect(systemd.nextText() == "READY=1\nSTATUS=2 sources")
        notification.reloading()
        let reloading = try #require(systemd.nextText())
        #expect(try /RELOADING=1\nMONOTONIC_USEC=[0-9]+/.wholeMatch(in: reloading) != nil, "\(reloading)")
        notification.alive()
        #expect(systemd.nextText() == "WATCHDOG=1")
        notification.stopping(status: "finishing 3 requests")
        #expect(systemd.nextText() == "STOPPING=1\nSTATUS=finishing 3 requests")
    }

    @Test func `a status can't smuggle in another assignment`() throws {
        let systemd = try DatagramReceiver()
        ServiceNotification(environment: ["NOTIFY_SOCKET": systemd.path]).status("a\nMAINPID=1\u{1B}[2J")
        #expect(systemd.nextText() == #"STATUS=a\nMAINPID=1\u{1B}[2J"#)
    }

    @Test func `a status too long for systemd is cut, and what comes with it arrives`() throws {
        let systemd = try DatagramReceiver()
        ServiceNotification(environment: ["NOTIFY_SOCKET": systemd.path])
            .ready(status: String(repeating: "ä", count: 5_000))
        let message = try #require(systemd.nextText())
        #expect(message.hasPrefix("READY=1\nSTATUS=ä") && message.hasSuffix("ä…"))
        #expect(message.utf8.count <= 4_096)
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "/nonexistent/socket"],
    ])
    func `outside a unit nothing happens`(_ environment: [String: String]) {
        let notification = ServiceNotification(environment: environment)
        notification.ready(status: "ready")
        notification.alive()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var environment: [String: String]
        var interval: Duration?
    }

    @Test(arguments: [
        Case(testDescription: "none", environment: ["NOTIFY_SOCKET": "/s"], interval: nil),
        Case(
            testDescription: "for anyone", environment: ["NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "60000000"],
            interval: .seconds(60)),
        Case(
            testDescription: "for us",
            environment: ["NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "500", "WATCHDOG_PID": "7"],
            interval: .microseconds(500)),
        Case(
            testDescription: "for another process",
            environment: ["NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "500", "WATCHDOG_PID": "8"], interval: nil),
        Case(
            testDescription: "no number", environment: ["NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "soon"], interval: nil),
        Case(testDescription: "nobody to tell", environment: ["WATCHDOG_USEC": "500"], interval: nil),
    ])
    func `the watchdog's interval is`(_ row: Case) {
        #expect(ServiceNotification(environment: row.environment, pid: 7).watchdogInterval == row.interval)
    }

    @Test func `the watchdog is fed while the loops turn, and only then`() async throws {
        let systemd = try DatagramReceiver()
        let notification = ServiceNotification(
            environment: ["NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "2000"])
        let asked = Signal<Int>()
        let count = Recorder<Int>()
        let watchdog = Watchdog(notification) {
            count.append(1)
            asked.send(count.all.count)
            return count.all.count != 2
        }
        try await running(watchdog.run) {
            while try await asked.next() < 4 {}
        }
        notification.status("end")
        var messages: [String] = []
        while let message = systemd.nextText(), message != "STATUS=end" { messages.append(message) }
        #expect(messages.allSatisfy { $0 == "WATCHDOG=1" })
        #expect(messages.count == count.all.count - 1 || messages.count == count.all.count - 2)
    }
}
