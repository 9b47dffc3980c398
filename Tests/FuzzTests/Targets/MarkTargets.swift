import AkuaModel
import Manifests

@testable import Planning

extension FuzzTarget {
    static let marks = [
        FuzzTarget("render-marker", "no commit subject forges a mark, and a mark that is read is written the same") {
            let text = $0.text
            let ours = RenderMarker(
                source: "platform", commit: "0123456789abcdef", object: ObjectReference(.install, "checkout-eu"))
            for subject in [text, text + text, String(repeating: "é", count: 90) + text] {
                let message = ours.message(subject: subject)
                try require(message.utf8.count <= RenderMarker.messageBytesMax, "\(message.utf8.count) bytes")
                try require(RenderMarker(message: message) == ours, "not our mark: \(message.debugDescription)")
                try require(!message.unicodeScalars.contains { $0.value < 0x20 }, message.debugDescription)
            }
            guard let marker = RenderMarker(message: text) else { return }
            let tail = marker.message(subject: "")
            try require(
                text.utf8.suffix(tail.utf8.count).elementsEqual(tail.utf8), "the mark is not at the end: \(text)")
            try require(RenderMarker(message: tail) == marker, "\(tail) is read otherwise")
        },
        FuzzTarget("idempotency-key", "a key shows its identity and nothing else does; each part of an intent counts") {
            let lines = $0.lines(4)
            if let part = IdempotencyKey.identityPart(ofKey: lines[0]) {
                try require(lines[0].utf8.count == 58 && lines[0].hasPrefix("agl1-\(part)-"), lines[0])
            }
            let workspace = try require(WorkspaceID("ws_1"), "no id")
            let source = SourceIdentity(workspace: workspace, name: lines[1])
            let reference = ObjectReference(.install, lines[2])
            let key = IdempotencyKey.create(reference, in: source, predecessor: lines[3], refusals: 0)
            let part = IdempotencyKey.identityPart(of: reference, in: source)
            try require(IdempotencyKey.identityPart(ofKey: key) == part, "\(key) does not show \(part)")
            let others = [
                IdempotencyKey.create(reference, in: source, predecessor: lines[3], refusals: 1),
                IdempotencyKey.create(reference, in: source, predecessor: lines[3] + "x", refusals: 0),
                IdempotencyKey.create(
                    ObjectReference(.install, lines[1]), in: SourceIdentity(workspace: workspace, name: lines[2]),
                    predecessor: lines[3], refusals: 0),
            ]
            let isSwap = lines[1].isSpelt(as: lines[2])
            try require(Set(others + [key]).count == (isSwap ? 3 : 4), "two intents share the key \(key)")
        },
    ]
}
