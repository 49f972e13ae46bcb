"""Settings from the environment, read and checked once per process."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_PORT = 8080
DEFAULT_BANK_PORT = 8090
MIN_DIFFERENT_BYTES = 17
MAX_KEEP_DAYS = 36_500


def demand_pepper(text: str) -> bytes:
    """The pepper in a text. `ValueError` for what is short, and for what nobody drew.

    32 random bytes practically never have fewer than 17 different ones.
    """
    try:
        drawn = bytes.fromhex(text)
    except ValueError:
        drawn = b""
    if len(drawn) < 32 or len(set(drawn)) < MIN_DIFFERENT_BYTES:
        raise ValueError("must be at least 32 random bytes in hex; `openssl rand -hex 32` makes them")
    return drawn


class _WithPepper(BaseSettings):
    # What is refused may be a secret.
    model_config = SettingsConfigDict(env_prefix="BLACKBOARD_", extra="ignore", hide_input_in_errors=True)

    database_url: Annotated[SecretStr, Field(validation_alias=AliasChoices("DATABASE_URL", "database_url"))]
    key_pepper: SecretStr

    @field_validator("key_pepper")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        """Refuse one that is no secret."""
        demand_pepper(value.get_secret_value())
        return value

    @property
    def pepper(self) -> bytes:
        """The pepper as bytes."""
        return bytes.fromhex(self.key_pepper.get_secret_value())


class ProvisionSettings(_WithPepper):
    """What setting a database up needs to know."""

    app_login: str = "blackboard_board"
    app_password: SecretStr | None = None
    bank_login: str = "blackboard_bank"
    bank_password: SecretStr | None = None
    reader_login: str = "blackboard_read"
    reader_password: SecretStr | None = None
    auditor_login: str = "blackboard_audit"
    auditor_password: SecretStr | None = None
    # For every later `blackboard migrate`: whoever may create roles is needed once.
    migrator_login: str = "blackboard_migrate"
    migrator_password: SecretStr | None = None


class PoolSettings(BaseSettings):
    """How many database connections an API process shares among its callers."""

    model_config = SettingsConfigDict(env_prefix="BLACKBOARD_", extra="ignore")

    max_connections: Annotated[int, Field(ge=2, le=200)] = 10
    # Of the pool that reads the read models.
    reader_connections: Annotated[int, Field(ge=1, le=200)] = 5


class ServiceSettings(_WithPepper, PoolSettings):
    """What an API process needs to know."""

    # Where read models are read. Without it: where the board is, as its login, which then acts as the reader and no more.
    reader_url: SecretStr | None = None
    # A file with the key that signs seals: 32 bytes in hex, kept from the database. Without it seals are not signed.
    seal_key: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = DEFAULT_PORT
    # Whether /docs, /openapi.json and /asyncapi.json are answered. They need no key: off where strangers can reach the board.
    docs: bool = True
    max_waiting_claims: Annotated[int, Field(ge=1)] = 1000
    # At once, waiting claims among them and streams not. A tenant may have three quarters of them, a key half.
    max_requests: Annotated[int, Field(ge=8)] = 4000
    max_streams: Annotated[int, Field(ge=1)] = 5000
    max_streams_per_tenant: Annotated[int, Field(ge=1)] = 5000
    max_streams_per_agent: Annotated[int, Field(ge=1)] = 1000
    max_new_streams_per_s: Annotated[float, Field(ge=1)] = 500
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1024 * 1024
    # Within which a request must be there, from its first byte to its last.
    request_s: Annotated[float, Field(gt=0, le=60)] = 8
    # Connections of clients to this process, and of one address: behind a proxy all clients have one.
    max_sockets: Annotated[int, Field(ge=1)] = 10_000
    max_sockets_per_source: Annotated[int, Field(ge=1)] = 8_000
    parser: Literal["httptools", "h11"] = "httptools"
    # PEM. With a certificate the board speaks TLS; of clients it asks for one that this authority signed, and does without it
    # where a key is bound to none.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    # Whose tokens are taken in place of keys (OpenID Connect), and for whom they must be issued.
    oidc_issuer: str = ""
    oidc_audience: str = "blackboard"
    heartbeat_s: Annotated[float, Field(gt=0, le=60)] = 15
    stream_max_age_s: Annotated[float, Field(gt=0)] = 600
    drain_s: Annotated[float, Field(ge=0, le=120)] = 2
    # 0 keeps the journal for ever.
    journal_days: Annotated[int, Field(ge=0, le=MAX_KEEP_DAYS)] = 0
    keep_answers_days: Annotated[int, Field(ge=1, le=MAX_KEEP_DAYS)] = 90
    references: dict[str, str] = {}
    # Ed25519, in PEM: what permits for the bank are signed with. Without it the board gives none.
    permit_key: SecretStr | None = None
    # How long a permit is good: no longer than agents take for granted that an order may be on its way (BANK_IN_FLIGHT_MAX_S).
    permit_s: Annotated[int, Field(ge=5, le=3600)] = 60
    reference_key: SecretStr | None = None
    # Hosts of private networks that webhooks may go to all the same.
    webhook_allow: list[str] = []
    webhook_attempts: Annotated[int, Field(ge=1, le=50)] = 12
    webhook_backoff_s: Annotated[float, Field(gt=0, le=3600)] = 5

    @field_validator("journal_days", mode="before")
    @classmethod
    def _for_ever(cls, value: object) -> object:
        """Set to nothing is the same as not set."""
        return 0 if value == "" else value
