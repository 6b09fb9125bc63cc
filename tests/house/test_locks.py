"""What a deployment installs is locked: by hash, in versions that pyproject allows."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = ("embedded", "embedder", "mcp", "postgres")
CORE, ALL = "requirements.lock", "requirements-all.lock"
_PIN = re.compile(
    r"([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; ([^\\]+?))? \\\n((?: {4}--hash=\S+(?: \\)?\n)+)"
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}$")


def locked(name: str) -> str:
    return (ROOT / "deploy" / name).read_text("utf-8")


def pins(name: str) -> dict[str, str]:
    """Name → version, as installed on the Linux and the Python that runs this."""
    found = [match.groups() for match in _PIN.finditer(locked(name))]
    return {each: version for each, version, where, _ in found if not where or fits(where)}


def fits(where: str) -> bool:
    return Marker(where.strip()).evaluate()


def wanted(name: str) -> list[Requirement]:
    extras = PROJECT["optional-dependencies"] if name == ALL else {}
    lines = [line for extra in EXTRAS for line in extras.get(extra, [])]
    return [Requirement(line) for line in [*PROJECT["dependencies"], *lines]]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", [CORE, ALL])
def test_every_line_of_a_lock_is_a_version_or_a_hash_and_names_no_registry(name: str) -> None:
    text = "".join(
        line for line in locked(name).splitlines(True) if not line.strip().startswith("#")
    )
    left = _PIN.sub("", text)
    assert left == "", "make lock"
    hashes = [word for word in text.split() if word.startswith("--hash")]
    assert all(_HASH.match(word) for word in hashes)
    assert "://" not in locked(name)


@pytest.mark.parametrize("name", [CORE, ALL])
def test_a_lock_has_what_pyproject_asks_for_in_versions_it_allows(name: str) -> None:
    versions = pins(name)
    for requirement in wanted(name):
        version = versions.get(plain(requirement.name))
        assert version is not None, f"{requirement.name} is not in deploy/{name}: make lock"
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{requirement}: make lock"
        )


def test_both_locks_agree() -> None:
    assert pins(CORE).items() <= pins(ALL).items()
