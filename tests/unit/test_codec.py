"""The payload codec: what it hides, who may read it, and what it says when a key is missing."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter

from mendwheel.security.codec import ENCODING, KEY_ID, EncodedFailures, EncryptingCodec
from mendwheel.security.payload_keys import PayloadKeyError, PayloadKeys, parse
from mendwheel.settings import Settings

ONE, TWO = "write one " + "11" * 32, "write two " + "22" * 32
ONE_READS = ONE.replace("write", "read")
SECRET = b"hunter2 is the password"


def codec(*lines: str) -> EncryptingCodec:
    keys = parse("\n".join(lines), where="here") if lines else []
    return EncryptingCodec(PayloadKeys(lambda: keys))


def payload(data: bytes = SECRET) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", "kind": b"text"}, data=data)


async def test_a_payload_comes_back_whole_and_shows_only_which_key_it_needs() -> None:
    [sealed] = await codec(ONE).encode([payload()])
    assert dict(sealed.metadata) == {"encoding": ENCODING, KEY_ID: b"one"}
    assert SECRET not in sealed.SerializeToString()
    assert await codec(ONE).decode([sealed]) == [payload()]


@given(st.lists(st.binary(max_size=200), max_size=4))
async def test_any_payloads_come_back_in_their_order(datas: list[bytes]) -> None:
    given_, using = [payload(each) for each in datas], codec(ONE)
    assert await using.decode(await using.encode(given_)) == given_


async def test_the_same_text_is_never_sealed_alike() -> None:
    first, second = await codec(ONE).encode([payload(), payload()])
    assert first.data != second.data


async def test_payloads_of_others_and_plain_ones_pass_through_untouched() -> None:
    others = [payload(), Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\0\1")]
    for using in (codec(), codec(ONE)):
        assert await using.decode(others) == others
    assert await codec().encode(others) == others


async def test_an_old_key_goes_on_reading_after_a_rotation() -> None:
    [old] = await codec(ONE).encode([payload()])
    after = codec(TWO, ONE_READS)
    [new] = await after.encode([payload()])
    assert new.metadata[KEY_ID] == b"two"
    assert await after.decode([old, new]) == [payload(), payload()]


async def test_a_missing_key_is_named_together_with_the_setting_and_the_file(
    tmp_path: Path,
) -> None:
    [sealed] = await codec(TWO).encode([payload()])
    with pytest.raises(PayloadKeyError, match=r"'two'.*MENDWHEEL_PAYLOAD_KEYS_FILE.*not set"):
        await codec().decode([sealed])
    file = written(tmp_path, ONE)
    using = EncryptingCodec.of(Settings(payload_keys_file=file))
    with pytest.raises(PayloadKeyError, match=r"'two'.*payload\.keys.*which has one"):
        await using.decode([sealed])


async def test_a_key_that_is_added_to_the_file_is_used_without_a_restart(tmp_path: Path) -> None:
    now = [0.0]
    file = written(tmp_path, ONE)
    keys = PayloadKeys(lambda: parse(file.read_text(), where="f"), file=file, clock=lambda: now[0])
    using = EncryptingCodec(keys)
    [sealed] = await codec(TWO).encode([payload()])
    written(tmp_path, TWO, ONE_READS)
    assert await using.decode([sealed]) == [payload()]
    written(tmp_path, ONE, TWO.replace("write", "read"))
    now[0] += 2
    assert keys.writing is not None
    assert keys.writing.id == "one"


async def test_a_file_that_is_damaged_later_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    file = written(tmp_path, ONE)
    keys = PayloadKeys(lambda: parse(file.read_text(), where="f"), file=file, clock=lambda: now[0])
    written(tmp_path, "write one nonsense")
    now[0] += 2
    assert keys.writing is not None
    assert "going on with the keys from before" in caplog.text
    assert "nonsense" not in caplog.text
    file.unlink()
    now[0] += 2
    assert keys.writing is not None


@pytest.mark.parametrize("part", ["data", "key id", "other key"])
async def test_what_was_changed_on_its_way_does_not_open(part: str) -> None:
    [sealed] = await codec(ONE).encode([payload()])
    using = codec(ONE, TWO.replace("write", "read"))
    if part == "data":
        sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    elif part == "key id":
        sealed.metadata[KEY_ID] = b"two"
    else:
        using = codec("write one " + "33" * 32)
    with pytest.raises(PayloadKeyError, match="does not open with key"):
        await using.decode([sealed])
    sealed.data = b""
    with pytest.raises(PayloadKeyError):
        await using.decode([sealed])


async def test_a_hostile_key_id_does_not_get_into_the_message() -> None:
    [sealed] = await codec(ONE).encode([payload()])
    sealed.metadata[KEY_ID] = b"\x1b[31m\n<script>\xff" + b"x" * 999
    with pytest.raises(PayloadKeyError) as raised:
        await codec(ONE).decode([sealed])
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


def test_a_failure_hides_what_it_says_but_not_that_a_key_is_missing() -> None:
    converter, hidden, plain = PydanticPayloadConverter(), Failure(), Failure()
    EncodedFailures().to_failure(ValueError("hunter2"), converter, hidden)
    assert hidden.message == "Encoded failure"
    assert b"hunter2" in hidden.encoded_attributes.data
    assert str(EncodedFailures().from_failure(hidden, converter)) == "ValueError: hunter2"
    outer = RuntimeError("Failed decoding arguments")
    outer.__cause__ = PayloadKeyError("payload key 'two' is missing")
    EncodedFailures().to_failure(outer, converter, plain)
    assert plain.cause.message == "payload key 'two' is missing"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("write one abc", "line 1 is no key"),
        ("# only a remark", "exactly one key that begins with `write`"),
        (f"{ONE}\n{TWO}", "exactly one key that begins with `write`"),
        (f"{ONE}\n{ONE_READS}", "key one stands there twice"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used_says_why_without_showing_it(
    text: str, says: str
) -> None:
    with pytest.raises(PayloadKeyError, match=says) as raised:
        parse(text, where="payload.keys")
    assert "11" * 8 not in str(raised.value)
    assert "abc" not in str(raised.value)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path, ONE)
    file.chmod(0o640)
    with pytest.raises(PayloadKeyError, match=r"others may read .* chmod 600"):
        PayloadKeys.of(Settings(payload_keys_file=file))
    with pytest.raises(PayloadKeyError, match="no such file: `mendwheel keys new`"):
        PayloadKeys.of(Settings(payload_keys_file=tmp_path / "none"))


def test_keys_may_stand_in_one_setting_and_are_not_shown() -> None:
    settings = Settings(payload_keys=f"{TWO},{ONE_READS}")
    keys = PayloadKeys.of(settings)
    assert keys.writing is not None
    assert keys.writing.id == "two"
    for shown in (repr(settings), repr(keys.writing), str(settings.describe())):
        assert "22" * 8 not in shown
        assert repr(keys.writing.key) not in shown


def written(folder: Path, *lines: str) -> Path:
    """A file of keys, in place of the one before."""
    draft, file = folder / "draft", folder / "payload.keys"
    draft.touch(0o600)
    draft.write_text("\n".join(lines))
    return draft.replace(file)
