import AkuaEmulator
import Logging
import ServiceLifecycle

let emulator = try Emulator(EmulatorOptions()) { print($0.baseURL) }
try await emulator.run()
