"""Checks of what lies on this machine: the installation, the store, the policy, the knowledge."""

import os
from collections.abc import Iterator
from pathlib import Path

import mendwheel
from mendwheel.cli.checks import Check, fail, ok, parted, warn
from mendwheel.policy.file import PolicyError
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import StoreUnavailable
from mendwheel.security.attestation import AttestationKeyError, load_key
from mendwheel.security.payload_keys import PayloadKeyError, PayloadKeys
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.stores.ticket_keys import TicketKeys, file_of

ROOMS = ("workflows", "activities", "integrations")


def links(package: Path | None = None) -> Check:
    """The three rooms of the package: a zip or a checkout without symlinks leaves text files."""
    root = package or Path(mendwheel.__file__).parent
    broken = [name for name in ROOMS if not (root / name / "__init__.py").is_file()]
    if not broken:
        return ok("links", "workflows, activities and integrations are whole")
    places = ", ".join(str(root / name) for name in broken)
    return fail(
        "links",
        f"not a folder of code: {places}",
        "`git config core.symlinks true` and check out again, or install the wheel",
    )


def key(settings: Settings) -> Check:
    """The key that decisions are signed with."""
    path = settings.home / "attestation.key"
    if settings.attestation_key is None and not path.exists():
        return ok("attestation key", f"made in {path} on first use")
    try:
        load_key(settings)
    except AttestationKeyError as error:
        return parted("attestation key", str(error))
    place = "a setting" if settings.attestation_key else str(path)
    return ok("attestation key", f"in {place}")


def payload_keys(settings: Settings) -> Check:
    """The keys that encrypt what Temporal keeps."""
    try:
        writing = PayloadKeys.of(settings).writing
    except PayloadKeyError as error:
        return parted("payload keys", str(error))
    if writing is None:
        return ok("payload keys", "none: Temporal keeps payloads as they are")
    return ok("payload keys", f"{writing.id} encrypts what Temporal keeps")


def policy(settings: Settings) -> Check:
    """The policy loads and passes its own tests."""
    try:
        loaded = LivePolicy(settings.policy).load()
    except PolicyError as error:
        return fail("policy", str(error), "mend the file; until then nothing is done unasked")
    name = settings.policy or "built in"
    tests = len(loaded.tests) + len(loaded.decision_tests)
    detail = f"{name}, version {loaded.version}, {loaded.mode}, {tests} tests pass"
    if loaded.kill_switch:
        return warn("policy", f"{detail}, kill switch on", "set kill_switch = false to act again")
    return ok("policy", detail)


def store(settings: Settings) -> Iterator[Check]:
    """The store can be written, its audit chain holds, and there is something to look up."""
    path = settings.store_path
    if not path.exists():
        yield _future_store(path)
        return
    try:
        with Stores(path) as stores:
            stores.store.write(lambda db: db.execute("PRAGMA user_version").fetchone())
            yield ok("store", f"{path} can be written")
            yield _key(stores)
            yield _audit(stores)
            yield _knowledge(stores.knowledge.count(settings.tenant))
            yield _effects(stores.letters.count())
    except StoreUnavailable as error:
        yield parted("store", str(error))


def _future_store(path: Path) -> Check:
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if os.access(folder, os.W_OK):
        return warn("store", f"{path} is made on first use", "`mendwheel learn docs/` begins it")
    return fail("store", f"{folder} may not be written", "give another folder: MENDWHEEL_HOME")


def _key(stores: Stores) -> Check:
    file = file_of(stores.store.path)
    try:
        TicketKeys(stores.store).check()
    except StoreUnavailable as error:
        return parted("key", str(error))
    if not file.exists():
        return ok("key", f"{file} is made with the first text")
    return ok("key", f"{file} opens the texts: back it up with the store, in another place")


def _audit(stores: Stores) -> Check:
    try:
        return ok("audit", f"the chain of {stores.audit.verify()} rows holds")
    except ValueError as error:
        return fail("audit", str(error), "compare with a backup: somebody edited the file")


def _knowledge(count: int) -> Check:
    if count:
        return ok("knowledge", f"{count} documents")
    return warn("knowledge", "no documents", "`mendwheel learn docs/`: answers rest on them")


def _effects(given_up: int) -> Check:
    if not given_up:
        return ok("effects", "nothing was given up")
    return warn(
        "effects", f"{given_up} given up", "`mendwheel effects list`, then retry or discard each"
    )
