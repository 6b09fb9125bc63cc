"""What the Temporal namespace must know before tickets start: search attributes."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as Kind

from mendwheel.contracts.names import SEARCH_ATTRIBUTES

_WIRE = {
    Kind.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    Kind.BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


async def missing_search_attributes(client: Client) -> list[str]:
    """Names that the namespace does not know yet. Raises RPCError."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [key.name for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]


async def knows_search_attributes(client: Client) -> bool:
    """An unknown attribute would fail every workflow task for ever, so ask before the start."""
    return not await missing_search_attributes(client)


async def register_search_attributes(client: Client) -> list[str]:
    """Add what is missing; returns the names added. Raises RPCError."""
    missing = set(await missing_search_attributes(client))
    wanted = {
        key.name: _WIRE[key.indexed_value_type] for key in SEARCH_ATTRIBUTES if key.name in missing
    }
    if wanted:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        )
    return sorted(wanted)
