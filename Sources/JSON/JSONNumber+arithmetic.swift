extension JSONNumber {
    /// The most digits that a number may have to divide by it.
    package static let divisorDigitsMax = 36

    /// Whether other numbers can be divided by this one: above zero, and of at most ``divisorDigitsMax`` digits without
    /// the zeros at either end.
    package var isDivisor: Bool {
        let decimal = decimal
        return !decimal.isNegative && (1...Self.divisorDigitsMax).contains(decimal.digits.count)
    }

    /// Whether the value is the divisor a whole number of times, exactly: `4.02` is a multiple of `0.01`.
    ///
    /// False for a divisor that is none. The cost grows with the digits of both, never with their exponents.
    package func isMultiple(of divisor: JSONNumber) -> Bool {
        let (value, unit) = (decimal, divisor.decimal)
        guard divisor.isDivisor else { return false }
        // value/unit = (digits / digits of unit) × 10^shift. With a negative shift the last digit of the value, which is
        // not zero, would have to be: no whole number.
        let shift = value.exponent - unit.exponent
        guard !value.digits.isEmpty else { return true }
        guard shift >= 0 else { return false }
        // Of the factors of ten only as many count as the unit has twos and fives, of which each digit holds under four.
        let modulus = unit.digits.reduce(UInt128(0)) { $0 * 10 + Self.digit($1) }
        var remainder: UInt128 = 0
        for byte in value.digits { remainder = (remainder * 10 + Self.digit(byte)) % modulus }
        for _ in 0..<min(shift, 4 * unit.digits.count) { remainder = remainder * 10 % modulus }
        return remainder == 0
    }

    private static func digit(_ byte: UInt8) -> UInt128 { UInt128(byte - UInt8(ascii: "0")) }
}
