import Foundation

extension Configuration {
    /// What is wrong with the files that the configuration names: for commands that go out with them, before they do.
    ///
    /// Reads every secret once and forgets it: a token that others can read is refused before it is used (S10).
    package func checkFiles() -> [ConfigurationError] {
        var errors: [ConfigurationError] = []
        if let caFile = api.caFile, !FileManager.default.isReadableFile(atPath: caFile) {
            errors.append(Self.error(Keys.apiCAFile.name.path, "there is no file \(caFile) that this user can read"))
        }
        // Sources without a token of their own share one, which is looked at once.
        if sources.isEmpty || sources.contains(where: { $0.token == api.token }) {
            errors += Self.problem(with: api.token, called: Keys.apiTokenFile.name.path, hint: Self.tokenHint)
        }
        for source in sources {
            if source.token != api.token {
                errors += Self.problem(with: source.token, called: "api.tokenFile of the source \(source.name)")
            }
            if let username = source.credentials?.username {
                errors += Self.problem(with: username, called: "auth.usernameFile of the source \(source.name)")
            }
            if let password = source.credentials?.password {
                errors += Self.problem(with: password, called: "auth.passwordFile of the source \(source.name)")
            }
        }
        return errors
    }

    private static let tokenHint = "the token can also come from \(Keys.tokenVariable)"

    private static func problem(
        with secret: SecretSource, called name: String, hint: String? = nil
    ) -> [ConfigurationError] {
        do throws(SecretError) {
            _ = try secret.read()
            return []
        } catch {
            switch error {
            case .missing, .unset: return [self.error(name, error.description, hint: hint)]
            case .unreadable, .notAFile, .exposed, .tooLong, .empty, .notOneLine:
                return [self.error(name, error.description)]
            }
        }
    }

    private static func error(_ key: String, _ problem: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: .key(key), problem, hint: hint)
    }
}
