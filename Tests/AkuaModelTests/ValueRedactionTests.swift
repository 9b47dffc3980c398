import AkuaModel
import JSON
import Testing

/// I11: a value that somebody quotes is not repeated.
@Suite struct ValueRedactionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { text }
        var values: String
        var text: String
        var clean: String
    }

    @Test(arguments: [
        Case(values: #"{"p":"hunter22"}"#, text: "'hunter22' is too short", clean: "'<value>' is too short"),
        Case(values: #"{"a":[{"b":"deep-one"}]}"#, text: "deep-one, deep-one", clean: "<value>, <value>"),
        Case(values: #"{"a":"pass","b":"password-9"}"#, text: "password-9", clean: "<value>"),
        Case(values: #"{"a":"say \"no\""}"#, text: #"at "say \"no\"", say "no""#, clean: #"at "<value>", <value>"#),
        Case(values: #"{"a":12345,"b":80}"#, text: "12345 is over 80", clean: "<value> is over 80"),
        Case(
            values: #"{"p":"hunter/22 +"}"#, text: "GET /x?p=hunter%2F22%20%2B&q=hunter/22%20%2b&r=5%",
            clean: "GET /x?p=<value>&q=<value>&r=5%"),
        // `hunter/22 +?>` alone, and behind one and two other bytes; then in the alphabet for URLs.
        Case(
            values: #"{"p":"hunter/22 +?>"}"#,
            text: "aHVudGVyLzIyICs/Pg== eGh1bnRlci8yMiArPz4= eHhodW50ZXIvMjIgKz8+ aHVudGVyLzIyICs_Pg==",
            clean: "<value> eGh1<value>Pz4= eHho<value> <value>"),
        Case(values: #"{"a":"eu","b":true,"c":null}"#, text: "eu is true", clean: "eu is true"),
    ])
    func `values are hidden wherever they stand`(_ row: Case) throws {
        let values = try JSONReader.read(row.values)
        #expect(ValueRedaction(values: [values]).clean(row.text) == row.clean)
        let body = JSONWriter().bytes(of: ["initial_values": values, "region_id": "region-1"])
        #expect(ValueRedaction(body: body).clean(row.text) == row.clean)
        let chart = JSONWriter().bytes(of: ["sources": [["values": values]]])
        #expect(ValueRedaction(body: chart).clean(row.text) == row.clean)
    }

    @Test func `what is no value stays`() {
        let body = JSONWriter().bytes(of: ["name": "checkout", "initial_values": [:]])
        #expect(ValueRedaction(body: body).clean("checkout exists") == "checkout exists")
        #expect(ValueRedaction(body: nil).clean("x") == "x")
    }
}
