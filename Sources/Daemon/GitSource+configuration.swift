import Bootstrap
import GitSource

extension GitSource {
    /// The repository of a configured source, its mirror under the state directory.
    init(_ source: Bootstrap.Configuration.Source, in stateDirectory: String, fetchProgram: String) throws {
        var git = GitSource.Configuration(
            name: source.name, url: source.url, ref: .branch(source.branch),
            directory: "\(stateDirectory)/sources/\(source.name)", fetchProgram: fetchProgram)
        if let credentials = source.credentials {
            // Read afresh for each fetch: a rotated password is taken up without a restart.
            git.credentials = {
                let username = try credentials.username.map { String(decoding: try $0.read(), as: UTF8.self) }
                return GitCredentials(username: username, password: Secret(try credentials.password.read()))
            }
        }
        try self.init(git)
    }
}
