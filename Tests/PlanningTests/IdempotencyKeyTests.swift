import AkuaModel
import Manifests
import Planning
import Testing

/// Keys are derived, never random: these texts are what platforms remember, so they may never change.
@Suite struct IdempotencyKeyTests {
    private static let source = SourceIdentity(workspace: .of("ws_1"), name: "platform")
    private static let eu = ObjectReference("Install/eu")
    private static let install = InstallID.of("inst_1")

    private static func guarded(
        _ word: ActionWord = .update, _ id: String = "inst_1", body: String = "b", etag: String = "7"
    ) -> String {
        guard let etag = ETag(etag) else { preconditionFailure("'\(etag)' is no etag") }
        return IdempotencyKey.guarded(word, of: eu, in: source, resourceID: id, bodyDigest: body, etag: etag)
    }

    private static func render(
        commit: String = "c1", digest: String = "d", attempt: Int = 0, install: InstallID = install
    ) -> String {
        IdempotencyKey.render(
            of: eu, in: source, install: install, commit: commit, desiredDigest: digest, attempt: attempt)
    }

    private static func create(
        _ reference: ObjectReference = eu, in source: SourceIdentity = source, predecessor: String = "",
        refusals: Int = 0
    ) -> String {
        IdempotencyKey.create(reference, in: source, predecessor: predecessor, refusals: refusals)
    }

    /// Computed apart from this code, with Python's hashlib and base64, from the encoding that ``Digest``
    /// describes: a text is its length in bytes, `:` and itself, a number `#`, its digits and `;`, a list is bracketed.
    ///
    /// The identity part is `base32(sha256(list of "identity", "ws_1", "platform", "Install", "eu"))`, cut to 26 lower-case
    /// characters; the intents are the lists `create "" 0`, `create "inst_1" 2`, `write "inst_1" "update" "b" "7"` and
    /// `render "inst_1" "c1" "d" 0`.
    @Test func `golden values`() {
        #expect(Self.create() == "agl1-xiqlz4u3ghgpwraoecosmeixze-2ghqu72q23pbt3c3ajbpkhtki5")
        #expect(
            Self.create(predecessor: "inst_1", refusals: 2)
                == "agl1-xiqlz4u3ghgpwraoecosmeixze-rna5wcvtpomrpnebscntimr6dr")
        #expect(Self.guarded() == "agl1-xiqlz4u3ghgpwraoecosmeixze-sfcirzp2obbb6m36hpopnrv6pg")
        #expect(Self.render() == "agl1-xiqlz4u3ghgpwraoecosmeixze-onlhjgqdxffcs5qyps2i7ajra5")
    }

    static let keys: [(String, String)] = [
        ("a create", create()), ("another predecessor", create(predecessor: "inst_1")),
        ("another refusal", create(refusals: 1)), ("another name", create(ObjectReference("Install/us"))),
        ("another kind", create(ObjectReference("Cluster/eu"))),
        ("another source", create(in: SourceIdentity(workspace: .of("ws_1"), name: "other"))),
        ("another workspace", create(in: SourceIdentity(workspace: .of("ws_2"), name: "platform"))),
        ("a guarded write", guarded()), ("another action", guarded(.delete)), ("another object", guarded(.update, "i")),
        ("another body", guarded(body: "c")), ("another etag", guarded(etag: "8")), ("a render", render()),
        ("another commit", render(commit: "c2")), ("another desired digest", render(digest: "e")),
        ("another attempt", render(attempt: 1)), ("another install", render(install: .of("inst_2"))),
    ]

    @Test(arguments: keys)
    func `a key is 58 characters that any server takes`(_ what: String, _ key: String) {
        #expect(key.utf8.count == 58)
        #expect(key.wholeMatch(of: /agl1-[a-z2-7]{26}-[a-z2-7]{26}/) != nil)
    }

    @Test func `whatever differs gives another key`() {
        #expect(Set(Self.keys.map(\.1)).count == Self.keys.count)
    }

    @Test func `all keys of one identity begin alike, and no others do`() {
        let part = IdempotencyKey.identityPart(of: Self.eu, in: Self.source)
        #expect(part.utf8.count == 26)
        for (what, key) in Self.keys {
            let isOther = ["another name", "another kind", "another source", "another workspace"].contains(what)
            #expect((IdempotencyKey.identityPart(ofKey: key) == part) == !isOther, "\(what)")
        }
    }

    @Test func `names that run into each other are kept apart`() {
        let one = SourceIdentity(workspace: .of("ws_1"), name: "ab")
        let other = SourceIdentity(workspace: .of("ws_1a"), name: "b")
        #expect(Self.create(in: one) != Self.create(in: other))
    }

    @Test(arguments: [
        "", "agl1-", "agl1-a-b", "agl2-aaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "agl1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "agl1-aaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "agl1-aaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaa\u{e9}",
        "agl1-AAAAAAAAAAAAAAAAAAAAAAAAAA-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "agl1-aaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaa1",
        "agl1-aaaaaaaaaaaaaaaaaaaaaaaaa-a-aaaaaaaaaaaaaaaaaaaaaaaaa",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
    ])
    func `somebody else's key has no identity of ours`(_ key: String) {
        #expect(IdempotencyKey.identityPart(ofKey: key) == nil)
    }
}
