"""How the suite's own programs reach Temporal: one converter, one codec, one failure converter.

A host connects as it likes; the plugin keeps its codec and never adds this one.
"""

from dataclasses import replace

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

from mendwheel.security.codec import EncodedFailures, EncryptingCodec
from mendwheel.settings import Settings


async def connect(settings: Settings, *, address: str | None = None, lazy: bool = False) -> Client:
    """A client in the namespace of the settings.

    Raises:
        PayloadKeyError: the keys of the settings cannot be used.
        RuntimeError: Temporal does not answer, unless `lazy`.
    """
    return await Client.connect(
        address or settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings),
        lazy=lazy,
    )


def data_converter(settings: Settings) -> DataConverter:
    """Pydantic's converter with the suite's codec; for hosts too that want it. Raises
    PayloadKeyError."""
    speaking = replace(pydantic_data_converter, payload_codec=EncryptingCodec.of(settings))
    if settings.encrypts:
        return replace(speaking, failure_converter_class=EncodedFailures)
    return speaking
