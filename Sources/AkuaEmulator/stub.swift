// AkuaEmulator
