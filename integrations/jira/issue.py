"""An issue as it stands in Jira, whichever deployment it came from. Texts are Markdown."""

from datetime import datetime

from pydantic import BaseModel, Field


class Person(BaseModel):
    """Cloud: `id` is the accountId; Data Center: the user name."""

    id: str
    name: str = ""
    bot: bool = Field(False, description="an app's account")

    @property
    def subject(self) -> str:
        return f"jira:{self.id}"


class Comment(BaseModel):
    """One comment; `marker` is the effect key it was written under, when it is ours."""

    id: str
    author: Person | None = None
    editor: Person | None = None
    text: str = ""
    created: datetime
    updated: datetime
    marker: str = ""
    public: bool = True


class Change(BaseModel):
    """One changed field of one changelog entry."""

    id: str = Field(description="id of the changelog entry; stable over redeliveries")
    at: datetime
    author: Person | None = None
    field: str = Field(description="status, assignee, resolution …")
    before: str = ""
    after: str = ""
    before_id: str = ""
    after_id: str = ""


class Issue(BaseModel):
    key: str
    id: str
    project: str
    service_desk: bool = False
    summary: str = ""
    description: str = ""
    status: str = ""
    status_id: str = ""
    category: str = Field("", description="new, indeterminate or done; empty: unknown")
    priority: str = ""
    resolution: str = ""
    labels: list[str] = []
    components: list[str] = []
    reporter: Person | None = None
    assignee: Person | None = None
    created: datetime
    updated: datetime
    resolved: datetime | None = None
    comments: list[Comment] = Field([], description="oldest first")
    changes: list[Change] = Field([], description="oldest first; empty where Jira keeps none")
    url: str = ""


class Page(BaseModel):
    """Issues of one search, and how to go on."""

    issues: list[Issue] = []
    next: str = Field("", description="token or offset of the next page; empty: no more")
