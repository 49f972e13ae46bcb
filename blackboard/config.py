"""Settings from the environment, read and checked once per process."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATA = Path(".blackboard")
DEFAULT_PORT = 8080
DEFAULT_BANK_PORT = 8090
MAX_KEEP_DAYS = 36_500


class _WithPepper(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BLACKBOARD_", extra="ignore")

    database_url: Annotated[SecretStr, Field(validation_alias=AliasChoices("DATABASE_URL", "database_url"))]
    key_pepper: SecretStr

    @field_validator("key_pepper")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(bytes.fromhex(value.get_secret_value())) < 32:
            raise ValueError("must be at least 32 bytes in hex; `openssl rand -hex 32` makes one")
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
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = DEFAULT_PORT
    max_waiting_claims: Annotated[int, Field(ge=1)] = 1000
    max_streams: Annotated[int, Field(ge=1)] = 5000
    max_streams_per_tenant: Annotated[int, Field(ge=1)] = 5000
    max_streams_per_agent: Annotated[int, Field(ge=1)] = 1000
    max_new_streams_per_s: Annotated[float, Field(ge=1)] = 500
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1024 * 1024
    heartbeat_s: Annotated[float, Field(gt=0, le=60)] = 15
    stream_max_age_s: Annotated[float, Field(gt=0)] = 600
    drain_s: Annotated[float, Field(ge=0, le=120)] = 2
    # 0 keeps the journal for ever.
    journal_days: Annotated[int, Field(ge=0, le=MAX_KEEP_DAYS)] = 0
    keep_answers_days: Annotated[int, Field(ge=1, le=MAX_KEEP_DAYS)] = 90
    references: dict[str, str] = {}
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


class ClientSettings(BaseSettings):
    """Where the board is and who is asking. What is not in the environment is taken from a board that `up` started."""

    model_config = SettingsConfigDict(env_prefix="BLACKBOARD_", extra="ignore")

    url: str = ""
    key: SecretStr = SecretStr("")
    data: Path = DEFAULT_DATA

    def found_url(self) -> str:
        """The board's address: BLACKBOARD_URL, else `urls.json` in the data folder."""
        return self.url or str(self._urls().get("board", ""))

    def found_key(self, role: str) -> str:
        """The key: BLACKBOARD_KEY, else the one that `up` made for `role`."""
        path = self.data / "keys" / role
        return self.key.get_secret_value() or (path.read_text().strip() if path.exists() else "")

    def _urls(self) -> dict[str, str]:
        path = self.data / "urls.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}
