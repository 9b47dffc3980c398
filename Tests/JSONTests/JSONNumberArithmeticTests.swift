import JSON
import Testing

@Suite struct JSONNumberArithmeticTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var value: String
        var divisor: String
        var expected: Bool
        var testDescription: String { "\(value.prefix(40)) of \(divisor.prefix(40))" }

        init(_ value: String, _ divisor: String, _ expected: Bool) {
            (self.value, self.divisor, self.expected) = (value, divisor, expected)
        }
    }

    @Test(arguments: [
        Case("10", "2", true), Case("7", "2", false), Case("-10", "5", true), Case("0", "3", true),
        Case("-0.0", "3", true),
        Case("0.0075", "0.0001", true), Case("0.00751", "0.0001", false), Case("4.02", "0.01", true),
        Case("19.99", "0.01", true), Case("1.1", "0.1", true), Case("0.3", "0.1", true), Case("4.35", "0.01", true),
        Case("1e3", "8", true), Case("1e2", "8", false), Case("1e308", "0.5", true), Case("1e308", "3", false),
        Case("1e308", "0.123456789", false), Case("1e999999999999999999", "7", false),
        Case("1e999999999999999999", "125", true),
        Case("1e-999999999999999999", "1", false), Case("12391239123", "1e-8", true), Case("5", "10", false),
        Case("50", "1e1", true),
        Case("123456789012345678901234567890123456", "123456789012345678901234567890123456", true),
        Case("246913578024691357802469135780246912", "123456789012345678901234567890123456", true),
        Case("246913578024691357802469135780246913", "123456789012345678901234567890123456", false),
        Case("1" + String(repeating: "0", count: 1_000), "1.024e3", true),
        Case(String(repeating: "9", count: 1_000), "9", true), Case(String(repeating: "9", count: 1_000), "7", false),
        Case("4", "0", false), Case("4", "-2", false), Case("1", "1e-30", true),
    ])
    func `multiples are told exactly`(_ row: Case) throws {
        let (value, divisor) = (try #require(JSONNumber(text: row.value)), try #require(JSONNumber(text: row.divisor)))
        #expect(value.isMultiple(of: divisor) == row.expected)
    }

    @Test(arguments: [
        ("1", true), ("0.001", true), ("1e900", true), ("0", false), ("-1", false), ("0e5", false),
        (String(repeating: "7", count: 36), true), (String(repeating: "7", count: 37), false),
        ("7" + String(repeating: "0", count: 40), true),
    ])
    func `a divisor is above zero and has a bounded number of digits`(_ text: String, _ expected: Bool) throws {
        #expect(try #require(JSONNumber(text: text)).isDivisor == expected)
    }
}
