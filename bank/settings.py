"""Settings: every environment variable the bank reads, with its type, default and meaning.

    FLORIN_<NAME>  >  .env  >  default          keys:  FLORIN_<KEY>  >  <home>/keys/<key>  > made

Keys nobody gives are made on first use and kept in files only their owner may read, so a
fresh machine starts with its own. All parts of Florin share them through `home_dir`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bank.security.keys import load_or_make_key

SECRET_MIN_CHARS = 32
#: Events go out by the scheme of the address: datagrams, a stream, a stream under TLS.
SIEM_SCHEMES = ("udp", "tcp", "tls")
_MODEL = re.compile(r"(?:openai|ollama):\S+")
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")


class Delivery(StrEnum):
    """Where SMS and mail go: the demo's phone page, a mail server, or the log only."""

    DEMO_PHONE = "demo_phone"
    SMTP = "smtp"
    LOG = "log"


class SiemFormat(StrEnum):
    """How security events are written: Elastic's JSON, or ArcSight's lines."""

    ECS = "ecs"
    CEF = "cef"


class Settings(BaseSettings):
    """Read once at start by `load_settings`. Secrets print as `**********`."""

    model_config = SettingsConfigDict(
        env_prefix="FLORIN_", env_file=".env", extra="ignore", frozen=True
    )

    home_dir: Path = Field(Path("var"), description="database, uploads, keys, logs")
    host: str = Field("127.0.0.1", description="address the public server listens on")
    port: int = Field(8080, ge=0, le=65535, description="port of the public server")
    rasa_port: int = Field(5005, ge=0, le=65535, description="port of Rasa, on loopback")
    actions_port: int = Field(5055, ge=0, le=65535, description="port of the action server")
    trusted_proxies: str = Field(
        "", description="whose X-Forwarded-For is believed: addresses or networks, by commas"
    )
    news_feeds: str = Field("", description="RSS or Atom addresses read for headlines, by commas")
    public_url: str = Field("", description="address customers see; default http://localhost:PORT")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    database_url: str = Field("", description="default: SQLite in home_dir")
    tracker_url: str = Field("", description="Rasa's conversations; default: SQLite in home_dir")
    redis_url: str = Field("", description="rate limits across processes; default: in process")

    master_key: SecretStr = Field(SecretStr(""), description="32 bytes, URL-safe base 64")
    turn_key: SecretStr = Field(SecretStr(""), description="signs turns between web and rasa")
    action_token: SecretStr = Field(SecretStr(""), description="bearer of the action server")

    message_rate: str = Field("60/minute", description="messages of one chat session")
    session_ttl_s: int = Field(1800, ge=60, description="a session unused this long is over")
    argon2_time: int = Field(2, ge=1, description="argon2id passes (OWASP minimum 2)")
    argon2_memory_kib: int = Field(19_456, ge=8, description="argon2id memory (OWASP: 19 MiB)")
    argon2_lanes: int = Field(1, ge=1, description="argon2id parallelism")

    delivery: Delivery = Field(Delivery.LOG, description="demo_phone, smtp or log")
    smtp_host: str = Field("localhost", description="mail server")
    smtp_port: int = Field(25, ge=1, le=65535, description="port of the mail server")
    smtp_user: str = Field("", description="name at the mail server; empty: none")
    smtp_password: SecretStr = Field(SecretStr(""), description="password at the mail server")
    smtp_starttls: bool = Field(True, description="refuse to send without TLS")
    smtp_from: str = Field("florin@localhost", description="sender of mails")
    smtp_sms_domain: str = Field("", description="mail-to-SMS gateway: number@domain")

    alert_mails: str = Field("", description="who hears of models: addresses, by commas")
    compliance_mails: str = Field("", description="who hears of alerts: addresses, by commas")
    webhook_private: bool = Field(False, description="webhooks may lie in the bank's own network")
    alert_webhooks: str = Field("", description="https addresses told of models and alerts")
    segments_webhook: str = Field("", description="https address segments are handed to")
    webhook_secret: SecretStr = Field(
        SecretStr(""), validate_default=True, description="signs webhook calls; 32 characters up"
    )
    siem_url: str = Field("", description="security events go to udp|tcp|tls://host:port")
    siem_format: SiemFormat = Field(SiemFormat.ECS, description="ecs or cef")
    siem_ca_file: str = Field("", description="authority behind tls://, PEM; empty: the machine's")
    siem_cert_file: str = Field("", description="our certificate with its key, PEM, if asked for")
    models_dir: Path = Field(Path("models"), description="trained models; versions of scores below")

    llm_model: str = Field("", description="composes answers: openai:… or ollama:…; empty: none")
    llm_url: str = Field("", description="address of the model; empty: the provider's own")
    llm_key: SecretStr = Field(SecretStr(""), description="key of the model's address")
    llm_timeout_s: float = Field(5.0, gt=0, le=7, description="then the articles' own words")
    llm_budget_tokens_per_day: int = Field(200_000, ge=0, description="then no model till midnight")
    campaign_wording: bool = Field(False, description="the model words letters of campaigns too")

    telegram_token: SecretStr = Field(SecretStr(""), description="bot token; empty: not loaded")
    telegram_secret: SecretStr = Field(SecretStr(""), description="secret of its webhook")
    telegram_api_url: str = Field("https://api.telegram.org", description="Telegram's Bot API")
    telegram_bot_name: str = Field("", description="the bot's user name, without @")
    whatsapp_account_sid: str = Field("", description="Twilio account; empty: not loaded")
    whatsapp_auth_token: SecretStr = Field(SecretStr(""), description="Twilio token")
    whatsapp_number: str = Field("", description="whatsapp:+… we send from")
    whatsapp_api_url: str = Field("https://api.twilio.com", description="Twilio's API")
    slack_token: SecretStr = Field(SecretStr(""), description="bot token; empty: not loaded")
    slack_signing_secret: SecretStr = Field(SecretStr(""), description="checks Slack's calls")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: dict[str, object]) -> dict[str, object]:
        # An empty variable in a .env file means "not set", not "the empty string".
        return {name: value for name, value in values.items() if value != ""}

    @field_validator("alert_mails", "compliance_mails")
    @classmethod
    def _check_mails(cls, text: str) -> str:
        if any(not _MAIL.fullmatch(one) for one in _parts(text)):
            raise ValueError("addresses such as models@bank.example, by commas")
        return text

    @field_validator("alert_webhooks", "segments_webhook")
    @classmethod
    def _check_webhooks(cls, text: str, info: ValidationInfo) -> str:
        schemes = ("https", "http") if info.data.get("webhook_private") else ("https",)
        for one in _parts(text):
            parts = urlsplit(one)
            if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
                raise ValueError("addresses that begin with https://, without a password in them")
        return text

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, text: str) -> str:
        for one in _parts(text):
            ip_network(one, strict=False)  # its ValueError names what is wrong
        return text

    @field_validator("llm_model")
    @classmethod
    def _check_model(cls, text: str) -> str:
        if text and not _MODEL.fullmatch(text):
            raise ValueError("a name such as openai:gpt-4o-mini or ollama:llama3.2")
        return text

    @field_validator("llm_url")
    @classmethod
    def _check_model_url(cls, text: str) -> str:
        parts = urlsplit(text)
        if text and (parts.scheme not in ("https", "http") or not parts.hostname):
            raise ValueError("an address such as http://localhost:11434")
        return text

    @field_validator("siem_url")
    @classmethod
    def _check_siem(cls, text: str) -> str:
        parts = urlsplit(text)
        if text and not (
            parts.scheme in SIEM_SCHEMES and parts.hostname and parts.port and not parts.path
        ):
            raise ValueError("an address such as tls://siem.bank.example:6514")
        return text

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        is_asked = any(info.data.get(one) for one in ("alert_webhooks", "segments_webhook"))
        if is_asked and len(secret.get_secret_value()) < SECRET_MIN_CHARS:
            raise ValueError(f"webhooks are signed: {SECRET_MIN_CHARS} characters or more")
        return secret

    @model_validator(mode="after")
    def _fill(self) -> Self:
        home = self.home_dir.resolve()
        fill = object.__setattr__
        fill(self, "home_dir", home)
        fill(self, "database_url", self.database_url or f"sqlite:///{home}/florin.db")
        fill(self, "tracker_url", self.tracker_url or f"sqlite:///{home}/conversations.db")
        fill(self, "public_url", self.public_url or f"http://localhost:{self.port}")
        for name in ("master_key", "turn_key", "action_token"):
            given = getattr(self, name).get_secret_value()
            fill(self, name, SecretStr(given or load_or_make_key(home, name)))
        return self

    @property
    def mails_to_alert(self) -> tuple[str, ...]:
        """Return the addresses that hear of models."""
        return _parts(self.alert_mails)

    @property
    def compliance_to_alert(self) -> tuple[str, ...]:
        """Return the addresses that hear of alerts."""
        return _parts(self.compliance_mails)

    @property
    def webhooks_to_alert(self) -> tuple[str, ...]:
        """Return the addresses of systems that hear of models and alerts."""
        return _parts(self.alert_webhooks)

    @property
    def webhooks_to_call(self) -> tuple[str, ...]:
        """Return every address a webhook may go to."""
        return (*self.webhooks_to_alert, *_parts(self.segments_webhook))

    @property
    def feeds_to_read(self) -> tuple[str, ...]:
        """Return the feeds of headlines the bank has named."""
        return _parts(self.news_feeds)

    @property
    def proxies_to_trust(self) -> tuple[str, ...]:
        """Return the addresses and networks of the bank's own proxies."""
        return _parts(self.trusted_proxies)

    @property
    def registry_dir(self) -> Path:
        """Return where versions of scoring models are kept."""
        return self.models_dir / "analytics"

    @property
    def advice_dir(self) -> Path:
        """Return where advice keeps what it learnt: rows of customers, so beside the database."""
        return self.home_dir / "models" / "advice"

    @property
    def segments_dir(self) -> Path:
        """Return where versions of segments are kept."""
        return self.home_dir / "models" / "segments"

    @property
    def suspicion_dir(self) -> Path:
        """Return where the detector of suspicious requests is kept."""
        return self.models_dir / "suspicion"

    @property
    def threats_dir(self) -> Path:
        """Return where the models of flows and requests are kept."""
        return self.models_dir / "threats"

    @property
    def anchor_path(self) -> Path:
        """Return where the head of the audit chain is kept."""
        return self.home_dir / "audit" / "head.json"


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def load_settings() -> Settings:
    """Read the environment. Raises pydantic.ValidationError naming the variable at fault."""
    return Settings()
