"""What the chat doors take and give, as pydantic models: the source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from web.guard import Answer, Body

#: Made by the sender, once per message; a retry repeats it.
MessageIdText = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")
]
#: Longer than a message may be: the exact limit is judged after normalising, with a sentence.
RawText = Annotated[str, StringConstraints(max_length=40_000)]
LoginName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
PasswordText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
IdText = Annotated[str, StringConstraints(min_length=1, max_length=100)]
TokenText = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class StartSession(Body):
    """Empty for a visitor; both fields to log in at once."""

    customer: LoginName | None = None
    password: PasswordText | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.customer is None) != (self.password is None):
            raise ValueError("customer and password come together")
        return self


class LogIn(Body):
    customer: LoginName
    password: PasswordText


class Say(Body):
    """One message: a text, or a button of an earlier reply."""

    message_id: MessageIdText
    text: RawText | None = None
    button: TokenText | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.button is None):
            raise ValueError("either text or button")
        return self


class StepUp(Body):
    """The proof for one challenge: a one-time code, a passkey's assertion, or a passed trial."""

    challenge_id: IdText
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    assertion: dict[str, Any] | None = None
    face: IdText | None = None
    message_id: MessageIdText | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(one is not None for one in (self.code, self.assertion, self.face)) != 1:
            raise ValueError("one of code, assertion and face")
        return self


class AskPasskey(Body):
    """Empty at first; then the proof that was asked for."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    assertion: dict[str, Any] | None = None


class RegisterPasskey(Body):
    credential: dict[str, Any]
    label: Annotated[str, StringConstraints(max_length=60)] = ""


class Button(Answer):
    title: str
    token: str


class Reply(Answer):
    """One bubble of the bank's."""

    text: str | None = None
    buttons: list[Button] = Field(default_factory=list)
    image: str | None = None
    kind: str = "text"
    data: dict[str, Any] = Field(default_factory=dict)


class PasskeyRegistered(Answer):
    id: str
    label: str


class CustomerName(Answer):
    name: str


class SessionStarted(Answer):
    token: str
    conversation_id: str
    login_level: str
    customer: CustomerName | None = None
    replies: list[Reply] = Field(default_factory=list)


class LoggedOut(Answer):
    logged_out: bool = True


class Greeted(Answer):
    greeted: bool = True


class TurnAnswer(Answer):
    message_id: str
    replies: list[Reply]
    speaker: Literal["bot", "staff"]
    seq: int
    replayed: bool = False


class StepUpAnswer(TurnAnswer):
    """What the bot says about it, and how it went: `done`, or the code of the refusal."""

    outcome: str
    details: dict[str, str]


class ChatMessage(Answer):
    """One line of a chat, as its customer sees it."""

    seq: int
    from_: Literal["customer", "bot", "staff", "system"] = Field(
        serialization_alias="from", validation_alias="from"
    )
    name: str | None = None
    text: str | None = None
    buttons: list[Button] = Field(default_factory=list)
    image: str | None = None
    kind: str = "text"
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime
    message_id: str | None = None


class History(Answer):
    messages: list[ChatMessage]
    speaker: Literal["bot", "staff"]
