"""The no-op pass as a script with requests: sixteen threads, a session each. Usage: BASE_URL CHECKOUT"""
import sys, threading
from concurrent.futures import ThreadPoolExecutor

import requests

import desired

local = threading.local()


def read(base_url, path):
    """All items of a list, page after page."""
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.headers["Authorization"] = "Bearer sk_akua_bench"
    items, cursor = [], None
    while True:
        answer = local.session.get(base_url + path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})
        answer.raise_for_status()
        page = answer.json()
        items += page["data"]
        if not page["has_more"]:
            return items
        cursor = page["next_cursor"]


def main(base_url, checkout):
    desired.pull(checkout)
    with ThreadPoolExecutor(16) as threads:
        read(base_url, "/workspaces")
        live = threads.submit(read, base_url, "/installs")
        around = [threads.submit(read, base_url, path) for path in ("/regions", "/clusters")]
        packages = threads.submit(read, base_url, "/packages").result()
        lists = threads.map(lambda package: read(base_url, f"/packages/{package['id']}/versions"), packages)
        declared = desired.installs(checkout)
        versions = [version for items in lists for version in items]
        for future in around:
            future.result()
        different = desired.differences(declared, live.result(), packages, versions)
    print(f"{len(declared)} declared, {len(different)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
