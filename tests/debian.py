"""Real servers from Debian's packages, unpacked without root into `.venv/debian`."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

CACHE = Path(__file__).resolve().parents[1] / ".venv" / "debian"
PACKAGES = {"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}
_INSTALLED = b"/usr/share/prometheus"
_FETCH_WITHIN = 90  # seconds, about 30 MB


class Program(NamedTuple):
    """A program, and the folder to run it in, from which it finds its own files."""

    path: Path
    folder: Path


class Monitoring(NamedTuple):
    """Programs to run."""

    prometheus: Program
    alertmanager: Program


@pytest.fixture(scope="session")
def monitoring() -> Monitoring:
    """Prometheus and Alertmanager: those on the PATH, else the ones of Debian's packages."""
    found = {name: _program(name, package) for name, package in PACKAGES.items()}
    for name, program in found.items():
        ran = subprocess.run([program.path, "--version"], capture_output=True, timeout=20)
        assert ran.returncode == 0, f"{name} does not run: {ran.stderr.decode()}"
    return Monitoring(**found)


def _program(name: str, package: str) -> Program:
    for known in (name, package):  # Debian renames Alertmanager's program
        if on_path := shutil.which(known):
            return Program(Path(on_path), Path("/"))
    unpacked = CACHE / package / "usr" / "bin" / package
    if not unpacked.is_file():
        _unpack(package)
    return Program(unpacked, CACHE / package)


def _unpack(package: str) -> None:
    """Skips the test where there is no apt, or where it finds no such package."""
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            pytest.skip(f"{package} is not on the PATH and there is no {tool} to get it with")
    CACHE.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(
        ["apt-get", "download", package],
        cwd=CACHE,
        capture_output=True,
        text=True,
        timeout=_FETCH_WITHIN,
    )
    archives = sorted(CACHE.glob(f"{package}_*.deb"))
    if fetched.returncode or not archives:
        why = (fetched.stderr.strip().splitlines() or ["nothing was fetched"])[-1]
        pytest.skip(f"apt-get download {package}: {why} (`apt-get update` may help)")
    # Into a draft first: a run that is cut off leaves no half of a program behind.
    draft = CACHE / f"{package}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    subprocess.run(["dpkg", "-x", archives[-1], draft], check=True, capture_output=True)
    _relocate(draft / "usr" / "bin" / package)
    shutil.rmtree(CACHE / package, ignore_errors=True)
    draft.rename(CACHE / package)
    for archive in archives:
        archive.unlink()


def _relocate(program: Path) -> None:
    """Debian compiles in where the templates lie; here they lie under the folder it runs in."""
    here = _INSTALLED.removeprefix(b"/").replace(b"/share/", b"/share//")
    assert len(here) == len(_INSTALLED)
    program.write_bytes(program.read_bytes().replace(_INSTALLED, here))
