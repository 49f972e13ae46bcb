"""Settings of the bank server and of its clients, from the environment."""

from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_KEY = Annotated[SecretStr, Field(validation_alias=AliasChoices("BANK_KEY", "BANKING_API_KEY"), min_length=16)]


class BankServerSettings(BaseSettings):
    """What the sandbox bank needs to run."""

    model_config = SettingsConfigDict(env_prefix="BANK_", extra="ignore")

    database_url: SecretStr
    key: _KEY
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8090


class BankClientSettings(BaseSettings):
    """Where the bank is and how to be let in."""

    model_config = SettingsConfigDict(env_prefix="BANK_", extra="ignore")

    url: Annotated[str, Field(validation_alias=AliasChoices("BANK_URL", "BANKING_API_BASE_URL"))]
    key: _KEY
    limit_s: Annotated[float, Field(gt=0, le=60)] = 10.0
