"""Podman in Docker's place, on a Debian machine where we are root.

Installed, and with stand-in base images.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.containers.engine import FOLDER, PROJECT, Engine, EngineError, run
from tests.containers.pip_settings import pip_settings

PACKAGES = ("podman", "buildah", "runc", "netavark", "aardvark-dns", "iptables", "debootstrap")
INSIDE = "ca-certificates,python3,python3-venv,python3-pip,make"
STAND_INS = {
    "python": "docker.io/library/python:3.11-slim",
    "redis": "docker.io/library/redis:7",
    "postgres": "docker.io/library/postgres:15",
}
RECIPES = Path(__file__).parent / "stand_ins"
DEBIAN = "localhost/coderbench-debian"

CONFIG = """
[containers]
default_ulimits = ["nofile=1000:1000", "nproc=4000:4000"]
[engine]
runtime = "runc"
[network]
network_backend = "netavark"
"""
"""Set up runc, which may set lower limits inside another container.

Podman's usual runtime, crun, may set none there.
"""

STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""
"""A store of its own.

The stand-ins bear the names of official images, which nothing else must find.
"""


class Podman(Engine):
    """Podman with podman-compose from the Python index."""

    name = "Podman"

    def __init__(self, env_file: Path) -> None:
        self.environment = {
            "CONTAINERS_CONF": str(FOLDER / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(FOLDER / "storage.conf"),
        }
        self.compose_command = [
            FOLDER / "podman-compose" / "bin" / "podman-compose",
            "--in-pod", "false",
            "--parallel", "1",  # or images with layers in common are each built from the first
            "--env-file", env_file,
            "--project-name", PROJECT,
        ]  # fmt: skip

    @staticmethod
    def possible_here() -> bool:
        return os.geteuid() == 0 and shutil.which("apt-get") is not None

    def prepare(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "containers.conf").write_text(CONFIG)
        (FOLDER / "storage.conf").write_text(STORAGE.format(folder=FOLDER))
        _install()
        options = self._build_options()
        self._base_images(options)
        self.compose_command = [*self.compose_command, f"--podman-build-args={' '.join(options)}"]

    def _build_options(self) -> list[str]:
        settings, needed = pip_settings()
        file = FOLDER / "pip.conf"
        file.touch(mode=0o600)
        file.write_text(settings)
        options = ["--isolation=oci", "--network=host", "--pull=never", "--layers"]
        options += ["--ulimit=nofile=1000:1000", "--ulimit=nproc=4000:4000"]
        options.append(f"--volume={file}:/etc/pip.conf:ro")
        for path in needed:
            options.append(f"--volume={path}:{path}:ro")
        return options

    def _base_images(self, options: list[str]) -> None:
        """The images that our files start from, made of this machine's own Debian packages."""
        if not self._has(DEBIAN):
            root = FOLDER / "debian"
            shutil.rmtree(root, ignore_errors=True)
            address, release = _mirror()
            run(["debootstrap", "--variant=minbase", f"--include={INSIDE}", release, root, address])
            for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
                shutil.rmtree(root / left)
            archive = FOLDER / "debian.tar"
            run(["tar", "--directory", root, "--create", "--file", archive, "."])
            self.engine("import", str(archive), DEBIAN)
            shutil.rmtree(root)
            archive.unlink()
        for recipe, name in STAND_INS.items():
            file = RECIPES / f"{recipe}.Dockerfile"
            self.engine("build", *options, "--tag", name, "--file", str(file), str(RECIPES))

    def _has(self, image: str) -> bool:
        return image in self.engine("images", "--format", "{{.Repository}}").splitlines()

    def engine(self, *arguments: str) -> str:
        return run(["podman", *arguments], self.environment)

    def container(self, service: str) -> str:
        return f"{PROJECT}_{service}_1"

    def image(self, service: str) -> str:
        return f"localhost/{PROJECT}_{service}"

    def healthy(self, service: str) -> bool:
        """Podman leaves the rhythm of health checks to systemd, so the check is run here."""
        try:
            self.engine("healthcheck", "run", self.container(service))
        except EngineError:
            return False
        return True

    def take_down(self, keep_images: bool) -> None:
        (FOLDER / "pip.conf").unlink(missing_ok=True)
        self.compose("down", "--volumes", "--timeout", "30")
        run(["buildah", "rm", "--all"], self.environment)  # what an interrupted build left
        if not keep_images:
            self.engine("rmi", "--all", "--force")
            shutil.rmtree(FOLDER / "storage", ignore_errors=True)


def _install() -> None:
    """Podman by Debian's packages, podman-compose in an environment of its own."""
    if any(shutil.which(program) is None for program in ("podman", "runc", "debootstrap")):
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update"], environment)
        run(["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES], environment)
    compose = FOLDER / "podman-compose"
    if not (compose / "bin" / "podman-compose").exists():
        run([sys.executable, "-m", "venv", compose])
        run([compose / "bin" / "pip", "install", "podman-compose"])


def _mirror() -> tuple[str, str]:
    """Address and release of the Debian that this machine's own packages come from."""
    wanted = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    listed = run(["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"])
    release = Path("/etc/os-release").read_text()
    for line in listed.splitlines():
        address, codename, component = line.split()
        if component == "main" and f"VERSION_CODENAME={codename}\n" in release:
            return address, codename
    raise EngineError("apt has no source of this Debian release; debootstrap needs one")
