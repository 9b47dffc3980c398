#!/usr/bin/env bash
# The no-op pass as a shell script with git, curl and jq. Usage: BASE_URL CHECKOUT
#
# jq reads no YAML, so the checkout holds the same manifests as JSON. The versions of all packages are one run of curl,
# with sixteen transfers at a time; cursors can only be followed one page after another.
set -euo pipefail
base_url=$1 checkout=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header="Authorization: Bearer sk_akua_bench"

# list PATH: all items, one a line
list() {
    local cursor='' page="$work/page-${1//\//-}"
    while :; do
        curl --silent --fail --header "$header" --output "$page" "$base_url$1?limit=100${cursor:+&cursor=$cursor}"
        jq --compact-output '.data[]' "$page"
        cursor=$(jq --raw-output '.next_cursor // empty' "$page")
        [[ -n $cursor ]] || break
    done
}

git -C "$checkout" pull --quiet --ff-only
list /workspaces >"$work/workspaces"
list /installs >"$work/installs" &
installs=$!
list /regions >"$work/regions"
list /clusters >"$work/clusters"
list /packages >"$work/packages"
mkdir "$work/versions"
jq --raw-output --arg url "$base_url" --arg out "$work/versions" \
    '"url = \"\($url)/packages/\(.id)/versions?limit=100\"\noutput = \"\($out)/\(.id)\""' "$work/packages" >"$work/config"
curl --silent --no-progress-meter --fail --parallel --parallel-max 16 --header "$header" --config "$work/config"
find "$checkout" -name '*.json' -path '*/installs/*' -exec cat {} + >"$work/declared"
wait "$installs"

jq --null-input --raw-output --slurpfile installs "$work/installs" --slurpfile packages "$work/packages" \
    --slurpfile declared "$work/declared" --slurpfile versions <(cat "$work"/versions/*) '
    ($packages | map({key: .id, value: .name}) | from_entries) as $names
    | ([$versions[].data[]] | map({key: "\($names[.package_id]) \(.semver)", value: .id}) | from_entries) as $ids
    | ($installs | map({key: .id, value: .package_version_id}) | from_entries) as $live
    | ($declared | map(select($live[.spec.installID] != $ids["\(.spec.package) \(.spec.version)"]))) as $different
    | "\($declared | length) declared, \($different | length) differ", ($different[] | .metadata.name)' >"$work/result"
cat "$work/result"
[[ $(wc -l <"$work/result") -eq 1 ]]
