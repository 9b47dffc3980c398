import CGit2

extension git_oid {
    func isSame(as other: git_oid?) -> Bool {
        guard var other else { return false }
        var mine = self
        return git_oid_equal(&mine, &other) == 1
    }

    /// The 40 digits.
    var hex: String {
        var id = self
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(GIT_OID_HEXSZ) + 1) { buffer in
            String(cString: git_oid_tostr(buffer.baseAddress, buffer.count, &id))
        }
    }
}
