"""Clients that speak Pydantic, whatever converter a host gave them."""

from dataclasses import replace

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import DataConverter, DefaultPayloadConverter


def with_converter(client: Client) -> Client:
    """`client`, or a copy of it that speaks Pydantic.

    SimplePlugin sets the converter on clients and replayers only: a worker that alone is given
    the plugin would half-work on the default converter.
    """
    wanted = pydantic(client.data_converter)
    if wanted is client.data_converter:
        return client
    config = client.config(active_config=True)
    config["data_converter"] = wanted
    config["plugins"] = []  # they have been applied to this client already
    return Client(**config)


def pydantic(existing: DataConverter | None) -> DataConverter:
    """`existing` with its JSON step in Pydantic's hands; its codec and failure converter stay.

    Raises:
        ValueError: it has a payload converter of its own that does not extend Pydantic's.
    """
    if existing is None:
        return pydantic_data_converter
    kind = existing.payload_converter_class
    if issubclass(kind, PydanticPayloadConverter):
        return existing
    if kind is DefaultPayloadConverter:
        # The host's codec and failure converter stay; only the JSON step changes.
        return replace(existing, payload_converter_class=PydanticPayloadConverter)
    raise ValueError(
        f"the payload converter must extend `PydanticPayloadConverter`, got `{kind.__name__}`: "
        "derive it from that class, or leave the choice to the plugin"
    )
