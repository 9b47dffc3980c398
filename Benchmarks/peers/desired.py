"""What the peers in Python share: what git declares, and how it differs from what is there."""
import os, subprocess

import yaml

# libyaml's parser where PyYAML was built with it, as its wheels are.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def pull(checkout):
    subprocess.run(["git", "-C", checkout, "pull", "--quiet", "--ff-only"], check=True)


def installs(checkout):
    """The declared installs of a checkout."""
    found = []
    for folder, folders, files in os.walk(checkout):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files:
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found += [document for document in yaml.load_all(file, Loader=Loader) if document["kind"] == "Install"]
    return found


def differences(declared, live, packages, versions):
    """The declared installs that are not there, or not at their version."""
    names = {package["id"]: package["name"] for package in packages}
    ids = {(names[version["package_id"]], version["semver"]): version["id"] for version in versions}
    current = {install["id"]: install["package_version_id"] for install in live}
    return [manifest["metadata"]["name"] for manifest in declared
            if current.get(manifest["spec"]["installID"]) != ids[manifest["spec"]["package"], manifest["spec"]["version"]]]
