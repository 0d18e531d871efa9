"""Prints what is linked into psup, as CycloneDX 1.6: sbom.py

From `cargo metadata`, which reads Cargo.lock: the packages that psup needs to run, not those it needs to build or test.
"""

import json
import os
import subprocess

metadata = json.loads(
    subprocess.check_output(
        ["cargo", "metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", f"{os.environ['arch']}-unknown-linux-gnu"],
        cwd=os.environ["root"],
    )
)
packages = {p["id"]: p for p in metadata["packages"]}
needs = {
    node["id"]: [d["pkg"] for d in node["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
    for node in metadata["resolve"]["nodes"]
}
main = metadata["resolve"]["root"]
found, rest = set(), [main]
while rest:
    one = rest.pop()
    if one not in found:
        found.add(one)
        rest += needs[one]

reference = lambda id: f"pkg:cargo/{packages[id]['name']}@{packages[id]['version']}"


def component(id):
    package = packages[id]
    one = {"type": "application" if id == main else "library", "bom-ref": reference(id), "name": package["name"], "version": package["version"]}
    if package["license"]:
        one["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package["source"]:
        one["purl"] = reference(id)
    return one


print(
    json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": component(main)},
            "components": sorted((component(id) for id in found - {main}), key=lambda c: c["bom-ref"]),
            "dependencies": sorted(
                ({"ref": reference(id), "dependsOn": sorted({reference(n) for n in needs[id]})} for id in found), key=lambda d: d["ref"]
            ),
        },
        indent=1,
    )
)
