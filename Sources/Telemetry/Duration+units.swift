extension Duration {
    /// The whole units of which a second has `perSecond` (at most 10^9), toward zero; saturates.
    func whole(perSecond units: Int64) -> Int64 {
        let (seconds, attoseconds) = components
        let whole = seconds.multipliedReportingOverflow(by: units)
        let part = attoseconds / (1_000_000_000_000_000_000 / units)
        let sum = whole.partialValue.addingReportingOverflow(part)
        return whole.overflow || sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue
    }

    /// Milliseconds, toward zero; saturates.
    package var wholeMilliseconds: Int { Int(whole(perSecond: 1_000)) }
}
