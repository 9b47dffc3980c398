import CLinux

/// What the rest of the machine may see of this process's memory.
package enum ProcessMemory {
    /// Keeps it, and with it the token, from other processes of the same user and from core dumps (I11).
    ///
    /// What `/proc` has of the process belongs to root from then on, no debugger of the same user can attach, and a crash leaves
    /// no image behind, whatever the limits say. Programs that it starts are not concerned. Root can still do all of it.
    package static func conceal() {
        // Fails for no process that may run at all.
        _ = clinux_conceal_memory()
    }
}
