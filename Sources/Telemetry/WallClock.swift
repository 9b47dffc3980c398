import Glibc

extension LogOutput {
    /// The system's clock, in milliseconds since 1970, UTC.
    package static func systemMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension LogEntry {
    /// RFC 3339 in UTC with three digits of a second; a year beyond 9999 or before 1970 is written as it comes.
    static func timestamp(milliseconds: Int64) -> String {
        var (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000) }
        var wholeSeconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&wholeSeconds, &parts)
        func padded(_ number: some BinaryInteger, to width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day =
            "\(padded(Int(parts.tm_year) + 1_900, to: 4))-\(padded(parts.tm_mon + 1, to: 2))-\(padded(parts.tm_mday, to: 2))"
        let time = "\(padded(parts.tm_hour, to: 2)):\(padded(parts.tm_min, to: 2)):\(padded(parts.tm_sec, to: 2))"
        return "\(day)T\(time).\(padded(fraction, to: 3))Z"
    }
}
