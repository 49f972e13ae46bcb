"""Settings of the bank server and of its clients, from the environment."""

from datetime import time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.bank.models import Amount
from agents.bank.promises import Promises
from blackboard.permits import Inspector

_KEY = Annotated[SecretStr, Field(validation_alias=AliasChoices("BANK_KEY", "BANKING_API_KEY"), min_length=16)]
_Zone = Annotated[str, AfterValidator(lambda name: ZoneInfo(name).key)]


class BankServerSettings(BaseSettings):
    """What the sandbox bank needs to run."""

    model_config = SettingsConfigDict(env_prefix="BANK_", extra="ignore")

    database_url: SecretStr
    key: _KEY
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8090
    # For the clock, the faults and the books' check. Without it nobody may.
    admin_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    # Made-up customers beside those of customers.yaml.
    seed_accounts: Annotated[int, Field(ge=0, le=9999)] = 0
    # The made-up town: customers with an income, several accounts, cards and a past.
    seed_customers: Annotated[int, Field(ge=0, le=9999)] = 0
    # Whether orders need a permit of the board's, and the public keys that may have signed it, in PEM, one after another.
    permits: Literal["off", "required"] = "off"
    permit_keys: str = ""
    # What it promises.
    keys_kept_s: Annotated[float, Field(gt=0)] = 90 * 86400
    in_flight_s: Annotated[float, Field(ge=0, le=3600)] = 5
    step_up_from: Amount | None = None
    cut_off: time | None = None
    zone: _Zone = "UTC"
    # What it does wrong, if it may at all.
    faults_allowed: bool = False
    fault_rate: Annotated[float, Field(ge=0, le=1)] = 0
    fault_seed: int = 0
    fault_hang_s: Annotated[float, Field(ge=0, le=300)] = 30
    fault_slow_s: Annotated[float, Field(ge=0, le=60)] = 1
    # Whom it tells of bookings, signed with this.
    callback_url: str | None = None
    callback_secret: Annotated[SecretStr, Field(min_length=16)] | None = None

    def inspector(self) -> Inspector | None:
        """What reads permits; None where the bank asks for none."""
        return Inspector(self.permit_keys) if self.permits == "required" else None

    def promised(self) -> Promises:
        """As the ledger takes it."""
        return Promises(
            timedelta(seconds=self.keys_kept_s), timedelta(seconds=self.in_flight_s), self.step_up_from, self.cut_off, self.zone
        )


class BankClientSettings(BaseSettings):
    """Where the bank is and how to be let in."""

    model_config = SettingsConfigDict(env_prefix="BANK_", extra="ignore")

    url: Annotated[str, Field(validation_alias=AliasChoices("BANK_URL", "BANKING_API_BASE_URL"))]
    key: _KEY
    limit_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    # How long an order may be on its way from the board's permission to the bank's books, where the bank promises no longer.
    in_flight_max_s: Annotated[float, Field(ge=0, le=86400)] = 60.0
