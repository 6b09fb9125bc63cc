"""Effects that were given up: noted by whoever gave up, done again when a person says so."""

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.contracts.presenting import PresentRequest
from mendwheel.contracts.recording import PublishRequest
from mendwheel.contracts.writing import WriteRequest
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import LetterKind
from mendwheel.domain.remedy import Receipt


class Again(BaseModel):
    """The request that is to be made again: one of these."""

    publish: PublishRequest | None = None
    present: PresentRequest | None = None
    write: WriteRequest | None = None


class GiveUpRequest(BaseModel):
    """It is not tried any more. Its key follows from what is to be done again."""

    kind: LetterKind
    reason: str
    again: Again
    unknown: bool = Field(False, description="it may have happened, and only a person can tell")


class RetryRequest(BaseModel):
    """A person wants it done after all."""

    key: EffectKey
    who: str
    looked: bool = Field(False, description="they have looked, and it is not there")


class TakenUp(BaseModel):
    """What is to be done, or why it will not be."""

    refused: str = ""
    kind: LetterKind = LetterKind.MESSAGE
    again: Again = Again()


class RetriedRequest(BaseModel):
    """It is done."""

    key: EffectKey
    who: str
    receipt: Receipt


class Retried(BaseModel):
    """What came of a retry, for whoever asked for it."""

    done: bool
    said: str
    refused: bool = False


class LettersStub:
    """The dead letters."""

    @activity.defn(name="mendwheel.give_up")
    def give_up(self, request: GiveUpRequest) -> None:
        """Keep it until somebody has seen to it."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.take_up")
    def take_up(self, request: RetryRequest) -> TakenUp:
        """Refuses what could happen twice, and what is over."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.retried")
    def retried(self, request: RetriedRequest) -> None:
        raise NotImplementedError
