"""What Slack posts to us, as far as we read it. Fields we do not know are dropped."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class File(_Wire):
    mimetype: str = ""
    url_private: str = ""
    url_private_download: str = ""


class Event(_Wire):
    """An inner event; messages of people have a user and no bot_id."""

    type: str
    channel_type: str = ""
    channel: str = ""
    user: str = ""
    ts: str = ""
    text: str = ""
    subtype: str | None = None
    bot_id: str | None = None
    files: tuple[File, ...] = ()


class Outer(_Wire):
    """The envelope of an event, or the url_verification question."""

    type: str
    challenge: str = ""
    team_id: str = ""
    event: Event | None = None


class Id(_Wire):
    id: str


class Action(_Wire):
    action_ts: str
    value: str = ""


class Interaction(_Wire):
    """A pressed button."""

    type: str
    team: Id
    user: Id
    channel: Id | None = None
    actions: tuple[Action, ...] = ()
