import Manifests
import Planning

extension Bookkeeping {
    var target: ObjectReference {
        switch self {
        case .share(let target, _), .orphan(let target, _), .protect(let target, _), .gone(let target),
            .release(let target, _), .confirmVersion(let target),
            .healthy(let target, _), .inSync(let target, _):
            target
        }
    }
}
