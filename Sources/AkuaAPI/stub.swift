// AkuaAPI
