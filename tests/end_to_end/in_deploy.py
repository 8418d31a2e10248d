"""Holds the manifests of Kubernetes and the Compose file against their schemas, and prints the arguments that each gives
to storefold, a JSON array a line.

Argument: the directory of the files.
"""
import json
import pathlib
import sys

import kubernetes_validate
import yaml
from compose_spec import PyOptions

KUBERNETES = "1.34"


def containers(manifest):
    pod = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return pod.get("containers", []) + pod.get("initContainers", [])


def main(directory):
    deploy = pathlib.Path(directory)
    kustomization = yaml.safe_load((deploy / "kustomization.yaml").read_text())
    files = sorted(str(path.relative_to(deploy)) for path in (deploy / "kubernetes").glob("*.yaml"))
    assert kustomization["resources"] == files, f"kustomization.yaml has {kustomization['resources']}, not {files}"
    maps = {made["name"]: made["files"] for made in kustomization["configMapGenerator"]}
    for path in (file for made in maps.values() for file in made):
        assert (deploy / path).is_file(), f"{path} is not there"
    arguments = []
    for file in files:
        for manifest in yaml.safe_load_all((deploy / file).read_text()):
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
            for container in containers(manifest):
                assert container["readinessProbe"] and container["livenessProbe"], file
                assert container["securityContext"]["readOnlyRootFilesystem"], file
                if container["image"].startswith("storefold"):
                    arguments.append(container["args"])
            volumes = manifest.get("spec", {}).get("template", {}).get("spec", {}).get("volumes", [])
            for source in (source for volume in volumes for source in volume.get("projected", {}).get("sources", [])):
                name = source.get("configMap", {}).get("name")
                assert name is None or name in maps, f"{file}: nobody makes the ConfigMap {name}"
    text = (deploy / "compose.yaml").read_text()
    PyOptions(apply_merge=True).from_yaml(text).validate()
    compose = yaml.safe_load(text)
    for service in compose["services"].values():
        if service["image"] == "storefold":
            arguments.append(service["command"])
    for made in compose["configs"].values():
        assert (deploy / made["file"]).is_file(), f"compose.yaml: {made['file']} is not there"
    for line in arguments:
        print(json.dumps(line))


main(sys.argv[1])
