"""Attestation: who vouches for a decision, and what breaks it."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mendwheel.domain.approval import Attestation, Decision
from mendwheel.security.attestation import AttestationKeyError, load_key, sign, verify
from mendwheel.settings import Settings

KEY = b"k" * 32


def decision(**changes: Any) -> Decision:
    fields: dict[str, Any] = {
        "request_id": "q1",
        "approved": True,
        "arguments_sha256": "a" * 64,
        "channel": "slack",
        "subject": "U1",
        "decision_id": "d1",
        "note": "grünes Licht",
    }
    return Decision(**(fields | changes))


def settings(home: Path, **more: Any) -> Settings:
    return Settings(home=home, **more)


def test_signed_decision_verifies_and_survives_serialisation() -> None:
    signed = sign(decision(), edge="slack", key=KEY)
    again = Decision.model_validate_json(signed.model_dump_json())
    assert verify(again, KEY)
    assert again.attestation is not None
    assert again.attestation.edge == "slack"


def test_signing_leaves_the_original_unsigned() -> None:
    original = decision()
    sign(original, edge="cli", key=KEY)
    assert original.attestation is None


@pytest.mark.parametrize(
    "change",
    [
        {"request_id": "q2"},
        {"approved": False},
        {"arguments_sha256": "b" * 64},
        {"channel": "cli"},
        {"subject": "U2"},
        {"decision_id": "d2"},
        {"note": ""},
    ],
)
def test_changing_anything_after_signing_breaks_it(change: dict[str, Any]) -> None:
    signed = sign(decision(), edge="slack", key=KEY)
    assert not verify(signed.model_copy(update=change), KEY)


def test_another_edge_cannot_borrow_an_attestation() -> None:
    signed = sign(decision(), edge="slack", key=KEY)
    assert signed.attestation is not None
    moved = signed.attestation.model_copy(update={"edge": "jira"})
    assert not verify(signed.model_copy(update={"attestation": moved}), KEY)


def test_unsigned_foreign_and_nonsense_attestations_do_not_count() -> None:
    assert not verify(decision(), KEY)
    assert not verify(sign(decision(), edge="cli", key=b"x" * 32), KEY)
    odd = Attestation(edge="cli", key_id="", mac="ü\udc80")
    assert not verify(decision(attestation=odd), KEY)


def test_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    first = load_key(settings(tmp_path / "home"))
    assert len(first) == 32
    assert load_key(settings(tmp_path / "home")) == first
    files = list((tmp_path / "home").iterdir())
    assert [file.name for file in files] == ["attestation.key"]
    if os.name == "posix":
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_many_at_once_get_the_same_key(tmp_path: Path) -> None:
    for attempt in range(10):
        home = settings(tmp_path / str(attempt))
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda _, home=home: load_key(home), range(8)))
        assert len(keys) == 1
        assert len(list(home.home.iterdir())) == 1


def test_loser_of_the_race_takes_the_winners_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rivals = os.link, []

    def late(source: Path, target: Path) -> None:
        rivals.append((tmp_path / "rival").write_text("ab" * 32))
        (tmp_path / "rival").chmod(0o600)
        real(tmp_path / "rival", target)
        real(source, target)

    monkeypatch.setattr(os, "link", late)
    assert load_key(settings(tmp_path)) == bytes.fromhex("ab" * 32)
    assert rivals


def test_key_from_settings_makes_no_file(tmp_path: Path) -> None:
    assert load_key(settings(tmp_path, attestation_key="s" * 32)) == b"s" * 32
    assert list(tmp_path.iterdir()) == []


def test_damaged_key_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "attestation.key"
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(AttestationKeyError, match=r"attestation\.key.*delete it"):
        load_key(settings(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "attestation.key"
    path.write_text("ab" * 32)
    path.chmod(0o644)
    with pytest.raises(AttestationKeyError, match="chmod 600"):
        load_key(settings(tmp_path))


def test_unusable_home_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(AttestationKeyError, match="MENDWHEEL_ATTESTATION_KEY"):
        load_key(settings(tmp_path / "home"))
