"""What leaves for people: without secrets, and linking to nowhere that a stranger chose."""

from mendwheel.domain.card import Card, CardEvidence
from mendwheel.domain.evidence import Dossier
from mendwheel.domain.trust import Trust
from mendwheel.security.links import hosts, without_links
from mendwheel.security.redaction import without_secrets


class Outgoing:
    """`allowed`: hosts that may be linked to, whatever a ticket's sources are."""

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = allowed

    def text(self, markdown: str, dossier: Dossier) -> str:
        """`markdown` as it may be shown; to where the ticket's sources lie it may link as well."""
        looked_up = (item.url for item in dossier.evidence if item.trust is not Trust.REPORTED)
        return without_links(without_secrets(markdown), self._allowed | hosts([*looked_up]))

    def card(self, card: Card, dossier: Dossier) -> Card:
        """The same of a card; what people agree to stands there exactly as it would be done."""
        return card.model_copy(
            update={
                "headline": without_secrets(card.headline),
                "diagnosis": self.text(card.diagnosis, dossier),
                "evidence": [_told(each) for each in card.evidence],
                "similar": [_told(each) for each in card.similar],
            }
        )


def _told(item: CardEvidence) -> CardEvidence:
    return item.model_copy(update={"title": without_secrets(item.title)})
