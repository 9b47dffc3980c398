import JSON
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"b":2.0,"a":1e0}"#), ("[1,[2]]", "[1.0,[2]]"), (#""\u00e9""#, "\"\u{E9}\""),
        (#"{"a":{"x":[],"y":{}}}"#, #"{"a":{"y":{},"x":[]}}"#),
    ])
    func `values that mean the same are equal and hash alike`(_ left: String, _ right: String) throws {
        let (a, b) = (try JSONReader.read(left), try JSONReader.read(right))
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
    }

    @Test(arguments: [
        ("1", "\"1\""), ("null", "false"), ("0", "false"), ("[]", "{}"), ("[1,2]", "[2,1]"), ("{}", #"{"a":null}"#),
        (#"{"a":1}"#, #"{"b":1}"#), (#"{"a":1}"#, #"{"a":1,"b":1}"#), (#""a""#, #""A""#), ("\"\"", "null"),
        // Composed and decomposed: they look the same and are different texts.
        ("\"\u{E9}\"", "\"e\u{301}\""), ("{\"\u{E9}\":1}", "{\"e\u{301}\":1}"),
        // The same, of equal length.
        ("\"\u{E9}e\u{301}\"", "\"e\u{301}\u{E9}\""),
    ])
    func `values that mean different things differ`(_ left: String, _ right: String) throws {
        #expect(try JSONReader.read(left) != JSONReader.read(right))
    }

    @Test(arguments: [2, 40])
    func `names that look alike but are spelt otherwise stand side by side`(_ count: Int) throws {
        var object = JSONObject()
        object["\u{E9}"] = 1
        object["e\u{301}"] = 2
        for number in 0..<count { object["n\(number)"] = 0 }
        #expect(object.count == count + 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }

    @Test(arguments: [5, 16, 17, 100])
    func `an object keeps its order through changes, whatever its size`(_ count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["n\(number)"] = .number(JSONNumber(number)) }
        object["n2"] = "changed"
        object["n0"] = nil
        object["n999"] = nil
        object["last"] = true
        #expect(object.names == (1..<count).map { "n\($0)" } + ["last"])
        #expect(object["n2"] == "changed")
        #expect(object["n0"] == nil)
        #expect(object["n\(count - 1)"] != nil)
        #expect(object["last"] == true)
        let inserted = object.insertNew("n3", 0)
        #expect(!inserted)
        #expect(object["n3"] == 3)
        #expect(object.map(\.name) == object.names)
    }

    @Test func `a value answers as what it is and as nothing else`() {
        let values: [JSONValue] = [nil, true, 1, "s", [], [:]]
        #expect(values.map(\.isNull) == [true, false, false, false, false, false])
        #expect(values.map { $0.bool != nil } == [false, true, false, false, false, false])
        #expect(values.map { $0.number != nil } == [false, false, true, false, false, false])
        #expect(values.map { $0.string != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.array != nil } == [false, false, false, false, true, false])
        #expect(values.map { $0.object != nil } == [false, false, false, false, false, true])
        #expect(values.map(\.kind) == ["null", "a boolean", "a number", "a string", "an array", "an object"])
        #expect(values.map { $0["x"] } == [nil, nil, nil, nil, nil, nil])
    }
}
