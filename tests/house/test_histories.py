"""Histories of a release that is out are kept as they are: tickets ran like that."""

from tests.replay.releases import CURRENT, FROZEN, digests, frozen, is_out


def test_histories_of_a_release_that_is_out_are_never_edited_only_added() -> None:
    published, now = frozen(), digests()
    changed = {name for name, digest in published.items() if now.get(name) != digest}
    assert changed == set(), "restore them; record anew for the version in pyproject.toml only"
    added = "\n".join(f"{now[name]}  {name}" for name in sorted(now.keys() - published.keys()))
    assert added == "", f"a release is out: add this to tests/house/{FROZEN.name}:\n{added}"


def test_the_release_that_is_being_made_is_not_out() -> None:
    assert not is_out(CURRENT), "raise the version in pyproject.toml and record its histories"
