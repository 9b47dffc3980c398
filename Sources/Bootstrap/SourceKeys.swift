import Manifests

/// Everything that an item of `sources` can have: what the reader knows and the reference shows.
package enum SourceKeys {
    /// One of them, as documentation shows it.
    package struct Description: Hashable, Sendable {
        /// As in `auth.passwordFile`.
        package var path: String
        package var form: ValueForm
        package var isRequired = false
        /// What holds when it is left out, as the file would say it; nil where nothing does, or another key.
        package var defaultText: String?
        package var summary: String
    }

    static let pollIntervalDefault = Duration.seconds(30)
    static let branchDefault = "main"

    /// In the order of the sample file.
    package static let all: [Description] = [
        Description(
            path: "name", form: SourceRules.name.form, isRequired: true,
            summary: "Part of every object's identity, for ever."),
        Description(
            path: "formerNames", form: ValueForm("list of names", "each as `name`"), defaultText: "[]",
            summary: "Names that it had before: what these own is this source's."),
        Description(
            path: "url", form: SourceRules.urlForm, isRequired: true, summary: "The repository that is followed."),
        Description(
            path: "ref.branch", form: SourceRules.branch.form, defaultText: branchDefault,
            summary: "The branch that is followed."),
        Description(
            path: "path", form: SourceRules.folder.form,
            summary: "The folder with the manifests; the whole repository if left out."),
        Description(
            path: "pollInterval", form: SourceRules.pollInterval.form,
            defaultText: DurationText.text(of: pollIntervalDefault),
            summary: "How often the remote is asked for new commits."),
        Description(
            path: "auth.usernameFile", form: Rules.secretFile.form,
            summary: "The file with the user name for git; left out for a token that needs none."),
        Description(
            path: "auth.passwordFile", form: Rules.secretFile.form,
            summary: "The file with the password or token for git; needed by `auth`."),
        Description(
            path: "api.workspace", form: Rules.workspace.form,
            summary: "This source's workspace, where it is another one than `api.workspace` of all."),
        Description(
            path: "api.tokenFile", form: Rules.secretFile.form,
            summary: "This source's token, where it is another one than `api.tokenFile` of all."),
    ]

    /// What the contract has and this build has no behaviour for: refused by name.
    package static let unsupported = [
        "ref.tag", "ref.semver", "ref.commit", "auth.sshKeyFile", "auth.knownHostsFile", "verify", "webhookSecretFile",
    ]

    /// The names in the mapping at `path` (of the source itself if empty) that paths among these begin with.
    static func names(at path: String, among paths: [String]) -> [String] {
        let prefix = path.isEmpty ? "" : path + "."
        let names = paths.filter { $0.hasPrefix(prefix) }.compactMap {
            $0.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
        }
        return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
