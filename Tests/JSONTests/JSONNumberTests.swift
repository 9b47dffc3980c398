import JSON
import Testing

@Suite struct JSONNumberTests {
    @Test(arguments: [
        "0", "-0", "10", "1.10", "0.0", "1e3", "1E3", "1e+3", "1e-3", "-1.5E-10", "12345678901234567890",
        "0.1234567890123456789012345678901234567890", "1e400", "-9223372036854775808", "9223372036854775807",
        "9223372036854775808", "3.141592653589793238462643383279502884197", "100000000000000000000000000000000",
    ])
    func `keeps every digit as it was written`(_ text: String) throws {
        #expect(JSONNumber(text: text)?.text == text)
        #expect(JSONWriter().text(of: try JSONReader.read("[\(text)]")) == "[\(text)]")
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e1", "1e", "1e+", "e1", "0x1", "1_0", " 1", "1 ", "NaN", "inf",
        "١", "1٠", "1,0", "--1", "1e1.5",
    ])
    func `takes nothing for a number that is none`(_ text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test func `has a longest text`() {
        #expect(JSONNumber(text: String(repeating: "9", count: JSONNumber.lengthMax)) != nil)
        #expect(JSONNumber(text: String(repeating: "9", count: JSONNumber.lengthMax + 1)) == nil)
    }

    @Test(arguments: [
        ("1", "1.0"), ("1.10", "1.1"), ("1e3", "1000"), ("1E+3", "1000.000"), ("11e-1", "1.1"), ("0", "-0"),
        ("0", "0e99"),
        ("0.001", "1e-3"), ("-5", "-0.5e1"), ("123e20", "12300000000000000000000"), ("100e-2", "1"), ("0.10e1", "1"),
        ("1e0005", "100000"),
    ])
    func `numbers of one value are equal and hash alike`(_ left: String, _ right: String) throws {
        let (a, b) = (try #require(JSONNumber(text: left)), try #require(JSONNumber(text: right)))
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(!(a < b) && !(b < a))
    }

    @Test(arguments: [
        ("1", "2"), ("-2", "-1"), ("-1", "0"), ("0", "1e-400"), ("-1e-400", "0"), ("9", "10"), ("1e2", "101"),
        ("-10", "-9"), ("0.1", "0.11"), ("12345678901234567890", "12345678901234567891"), ("1e-2", "1e-1"),
        ("0.1", "0.1000000000000000055511151231257827"), ("9007199254740992", "9007199254740993"), ("1e1000", "1e1001"),
        ("-1e1001", "-1e1000"), ("99999999999999999999", "1e20"), ("-5", "3"),
    ])
    func `numbers are ordered by value, however long`(_ smaller: String, _ greater: String) throws {
        let (a, b) = (try #require(JSONNumber(text: smaller)), try #require(JSONNumber(text: greater)))
        #expect(a < b)
        #expect(!(b < a))
        #expect(a != b)
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("-0.0", 0), ("42", 42), ("1e3", 1_000), ("10.0", 10), ("1200e-2", 12), ("0e400", 0),
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("922337203685477580.7e1", Int.max),
    ])
    func `a whole number that fits is an Int, however it is written`(_ text: String, _ value: Int) throws {
        #expect(try #require(JSONNumber(text: text)).int == value)
    }

    @Test(arguments: [
        "1.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e99", "1e1000000000000000000000000",
        "-1e-1000000000000000000000000",
    ])
    func `any other number is no Int`(_ text: String) throws {
        #expect(try #require(JSONNumber(text: text)).int == nil)
    }

    @Test(arguments: [
        "1000e9223372036854775807", "1e-9223372036854775808", "0.0001e-9223372036854775808",
        "1e99999999999999999999999999", "-1e-99999999999999999999999999", "1000e999999999999999999",
    ])
    func `absurd exponents are held, compared and hashed without harm`(_ text: String) throws {
        let number = try #require(JSONNumber(text: text))
        let one = JSONNumber(1)
        #expect(number == number)
        #expect(number != one)
        #expect((number < one) != (one < number))
        #expect(Set([number, one]).count == 2)
        #expect(number.int == nil)
    }

    @Test(arguments: [
        ("1", true), ("1.0", true), ("1e5", true), ("10e-1", true), ("0.5", false), ("1e-1", false), ("0.0", true),
    ])
    func `knows whether there is a fraction`(_ text: String, _ isWhole: Bool) throws {
        #expect(try #require(JSONNumber(text: text)).isWhole == isWhole)
    }

    @Test func `gives the nearest binary value on request`() throws {
        #expect(try #require(JSONNumber(text: "0.1")).double == 0.1)
        #expect(try #require(JSONNumber(text: "-2.5e3")).double == -2_500)
        #expect(try #require(JSONNumber(text: "1e999")).double == .infinity)
    }
}
