import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test(arguments: [
        ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{08}\u{0C}", #""\u0008\u000c""#),
        ("\0", #""\u0000""#), ("\u{1F}", #""\u001f""#), ("\u{7F}", #""\u007f""#),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#),
        ("\u{2027}\u{202A}", "\"\u{2027}\u{202A}\""), ("é€😀", "\"é€😀\""), ("", #""""#), ("€\u{2028}", "\"€\\u2028\""),
        ("\u{E000}\u{10FFFF}", "\"\u{E000}\u{10FFFF}\""),
    ])
    func `escapes what would break a line or a string, and nothing else`(_ text: String, _ written: String) throws {
        #expect(JSONWriter().text(of: .string(text)) == written)
        #expect(try JSONReader.read(written) == .string(text))
    }

    @Test func `keeps the order of members, or sorts them by their bytes`() throws {
        let value = try JSONReader.read(#"{"b":1,"a":{"é":1,"z":2,"e":3},"A":0}"#)
        #expect(JSONWriter().text(of: value) == #"{"b":1,"a":{"é":1,"z":2,"e":3},"A":0}"#)
        #expect(JSONWriter(order: .sorted).text(of: value) == #"{"A":0,"a":{"e":3,"z":2,"é":1},"b":1}"#)
    }

    @Test func `writes one member a line on request`() throws {
        let value = try JSONReader.read(#"{"a":[1,{"b":null}],"c":[],"d":{}}"#)
        let expected = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c": [],
              "d": {}
            }
            """
        #expect(JSONWriter(isPretty: true).text(of: value) == expected)
        #expect(try JSONReader.read(expected) == value)
    }

    @Test func `what is written reads back as the same value`() throws {
        let text = #"[{"n":1.10,"big":123456789012345678901234567890,"s":"\u0007 \\ \" é","l":[true,false,null,[[]]]}]"#
        let value = try JSONReader.read(text)
        for writer in [JSONWriter(), JSONWriter(order: .sorted), JSONWriter(isPretty: true)] {
            #expect(try JSONReader.read(writer.bytes(of: value)) == value)
        }
        #expect(JSONWriter().text(of: value).contains(#""n":1.10,"#))
    }
}
