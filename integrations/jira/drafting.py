"""An issue as the draft of a ticket: what it says, and who says it. Pure."""

from mendwheel.domain.hint import Hint
from mendwheel.domain.place import PlaceRule
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.jira.issue import Comment, Issue, Person

SYSTEM = "jira"
ANYBODY = Person(id="anonymous", name="somebody")
"""Whoever Jira does not name."""


def draft(issue: Issue, hint: Hint, rule: PlaceRule | None, us: Person) -> Draft:
    """The ticket of an issue, followed where the rule and the hint say."""
    show_in = [*(rule.show_in if rule else []), hint.place]
    return Draft(
        title=issue.summary.strip() or issue.key,
        body=body(issue, us),
        reporter=(issue.reporter or ANYBODY).subject,
        system=SYSTEM,
        key=issue.key,
        component=_component(issue, rule),
        delivery_id=hint.delivery_id,
        place=f"{SYSTEM}:{issue.key}",
        show_in=list(dict.fromkeys(place for place in show_in if place)),
        tenant=rule.tenant if rule else None,
    )


def body(issue: Issue, us: Person) -> str:
    """The description, and below it what was said so far, but not by us."""
    said = [quoted(comment) for comment in issue.comments if not by(comment.author, us)]
    return "\n\n".join(part for part in (issue.description.strip(), *said) if part)


def quoted(comment: Comment) -> str:
    """A comment as a quotation with its author and time."""
    name = " ".join((comment.author or ANYBODY).name.split()) or "somebody"
    lines = (f"> {line}".rstrip() for line in comment.text.strip().splitlines())
    return "\n".join([f"{name} commented on {comment.created:%Y-%m-%d %H:%M %Z}:", *lines])


def by(who: Person | None, us: Person) -> bool:
    """Whether it was our own account."""
    return who is not None and who.id == us.id


def _component(issue: Issue, rule: PlaceRule | None) -> str | None:
    named = next((name for name in issue.components if name.strip()), None)
    return named or (rule.component if rule else None)
