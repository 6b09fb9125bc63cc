"""Alertmanager's webhook message, version 4, as far as it is used; what is malformed is named."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from mendwheel.domain.ids import digest


class MalformedPayload(ValueError):
    """Not a message of Alertmanager; the message names the field."""


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


_Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class Alert(BaseModel):
    """One alert of a group; times in UTC."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: _Moment = Field(alias="startsAt")
    ends_at: _Moment | None = Field(None, alias="endsAt")
    fingerprint: str = ""

    @property
    def id(self) -> str:
        """The same while it fires without a break: what it is and since when."""
        return digest([self.fingerprint or self.labels, self.starts_at.isoformat()])[:16]


class AlertGroup(BaseModel):
    """One delivery: a group's alerts as Alertmanager saw them."""

    group_key: str = Field(alias="groupKey", min_length=1)
    status: Literal["firing", "resolved"]
    alerts: list[Alert] = Field(min_length=1)
    truncated: int = Field(0, alias="truncatedAlerts", ge=0)
    common_annotations: dict[str, str] = Field({}, alias="commonAnnotations")

    @property
    def firing(self) -> list[Alert]:
        """What fires, the oldest first."""
        return sorted(
            (alert for alert in self.alerts if alert.status == "firing"),
            key=lambda alert: (alert.starts_at, alert.fingerprint),
        )

    @property
    def resolved(self) -> list[Alert]:
        """What is over, the oldest first."""
        return sorted(
            (alert for alert in self.alerts if alert.status == "resolved"),
            key=lambda alert: (alert.starts_at, alert.fingerprint),
        )


def parse(body: bytes) -> AlertGroup:
    """Read a delivery.

    Raises:
        MalformedPayload: no JSON, or a field is missing or wrong; what was sent is not repeated.
    """
    try:
        return AlertGroup.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
        )
        where = field.lstrip(".")[:200] or "body"
        raise MalformedPayload(
            f"{where}: {first['msg']}: send Alertmanager's webhook message, version 4"
        ) from None
