"""The no-op pass as a script with aiohttp: one event loop, sixteen connections. Usage: BASE_URL CHECKOUT"""
import asyncio, sys

import aiohttp

import desired


async def read(session, base_url, path):
    """All items of a list, page after page."""
    items, cursor = [], None
    while True:
        query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        async with session.get(base_url + path, params=query) as answer:
            answer.raise_for_status()
            page = await answer.json()
        items += page["data"]
        if not page["has_more"]:
            return items
        cursor = page["next_cursor"]


async def main(base_url, checkout):
    desired.pull(checkout)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16),
                                     headers={"Authorization": "Bearer sk_akua_bench"}) as session:
        await read(session, base_url, "/workspaces")
        # Parsing YAML holds the interpreter: it has a thread of its own, and requests go on between its files.
        declared = asyncio.create_task(asyncio.to_thread(desired.installs, checkout))
        live, *around = [asyncio.create_task(read(session, base_url, path))
                         for path in ("/installs", "/regions", "/clusters")]
        packages = await read(session, base_url, "/packages")
        lists = await asyncio.gather(*(read(session, base_url, f"/packages/{package['id']}/versions")
                                       for package in packages))
        await asyncio.gather(*around)
        versions = [version for items in lists for version in items]
        different = desired.differences(await declared, await live, packages, versions)
    print(f"{len(declared.result())} declared, {len(different)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
