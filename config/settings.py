"""Typed settings from the environment, checked whole. Every outside address can be overridden."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

_CONFIG = ConfigDict(extra="ignore", frozen=True)


class Addresses(BaseModel):
    """Where the outside world is. Set one to use a mirror, a proxy or a world on this machine."""

    model_config = _CONFIG

    binance_spot_url: str = "https://data-api.binance.vision"
    binance_futures_url: str = "https://fapi.binance.com"
    binance_spot_stream_url: str = "wss://data-stream.binance.vision/stream"
    binance_futures_stream_url: str = "wss://fstream.binance.com/market/stream"
    okx_url: str = "https://www.okx.com"
    okx_stream_url: str = "wss://ws.okx.com/ws/v5/public"
    bybit_url: str = "https://api.bybit.com"
    bybit_stream_url: str = "wss://stream.bybit.com/v5/public/linear"
    coinbase_url: str = "https://api.exchange.coinbase.com"
    coinbase_stream_url: str = "wss://ws-feed.exchange.coinbase.com"
    kraken_url: str = "https://api.kraken.com/0/public"
    bitstamp_url: str = "https://www.bitstamp.net/api/v2"
    deribit_url: str = "https://www.deribit.com/api/v2"
    sosovalue_v2_url: str = "https://api.sosovalue.xyz"
    sosovalue_url: str = "https://openapi.sosovalue.com/openapi/v1"
    theblock_url: str = "https://data.tbstat.com/dashboard"
    farside_url: str = "https://farside.co.uk"
    coinglass_url: str = "https://open-api-v4.coinglass.com"
    coingecko_url: str = "https://api.coingecko.com/api/v3"
    alternative_url: str = "https://api.alternative.me"
    coindesk_rss_url: str = "https://www.coindesk.com/arc/outboundfeeds/rss/"
    cointelegraph_rss_url: str = "https://cointelegraph.com/rss"
    theblock_rss_url: str = "https://www.theblock.co/rss.xml"
    decrypt_rss_url: str = "https://decrypt.co/feed"
    fed_rss_url: str = "https://www.federalreserve.gov/feeds/press_all.xml"
    sec_rss_url: str = "https://www.sec.gov/news/pressreleases.rss"
    house_rss_url: str = "https://financialservices.house.gov/news/rss.aspx"
    treasury_rss_url: str = (
        "https://news.google.com/rss/search"
        "?q=site:treasury.gov+(bitcoin+OR+crypto+OR+stablecoin)&hl=en-US&gl=US&ceid=US:en"
    )
    fed_calendar_url: str = "https://www.federalreserve.gov/json/calendar.json"
    fred_url: str = "https://api.stlouisfed.org/fred"
    forexfactory_url: str = "https://nfs.faireconomy.media/ff_calendar_thisweek.json"
    telegram_api_url: str = "https://api.telegram.org/bot"
    telegram_file_url: str = "https://api.telegram.org/file/bot"
    discord_api_url: str | None = None
    discord_gateway_url: str | None = None
    discord_cdn_url: str | None = None


class Settings(BaseModel):
    """What one deployment decides. Secrets never show in its repr."""

    model_config = _CONFIG

    telegram_token: SecretStr | None = None
    telegram_webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    discord_token: SecretStr | None = None
    discord_guild_id: int | None = None
    owner_ids: str = ""

    redis_url: SecretStr | None = None
    redis_ssl_cert_reqs: str = "required"
    data_dir: Path = Path("var")
    allow_volatile_store: bool = False

    sosovalue_api_key: SecretStr | None = None
    coinglass_api_key: SecretStr | None = None
    coinglass_plan: str = "hobbyist"
    coingecko_demo_key: SecretStr | None = None
    fred_api_key: SecretStr | None = None
    sosovalue_keyless: bool = True
    theblock_enabled: bool = True
    farside_enabled: bool = False
    http_contact: str = "https://github.com/levelhead-bot/levelhead"

    default_zone: str = "UTC"
    default_language: str = "en"
    max_rules_per_chat: int = Field(default=100, ge=1)
    max_schedules_per_chat: int = Field(default=20, ge=1)
    commands_per_minute: int = Field(default=30, ge=1)
    briefing_grace_minutes: int = Field(default=15, ge=1)
    telegram_paid_broadcast: bool = False

    # A PaaS names the port PORT; 0 picks a free one, unset serves nothing.
    port: int | None = Field(default=None, ge=0, le=65535)
    # The variables by which a PaaS says that its disk does not survive a restart.
    ephemeral_disk: str | None = Field(
        default=None,
        validation_alias=AliasChoices("dyno", "render", "railway_environment", "fly_app_name"),
    )
    log_level: str = "INFO"
    log_json: bool = True
    addresses: Addresses = Addresses()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Settings from these variables alone. Raises SettingsError naming every wrong one at once."""
        values = {name.lower(): value for name, value in environ.items() if value.strip()}
        try:
            addresses = Addresses.model_validate(values)
            return cls.model_validate({**values, "addresses": addresses})
        except ValidationError as error:
            raise SettingsError(_wrong(error)) from None  # its text would quote the values

    @property
    def owners(self) -> frozenset[str]:
        """Who runs this deployment: "telegram:1" or "discord:2"; told when something needs a hand."""
        return frozenset(part.strip() for part in self.owner_ids.split(",") if part.strip())


class SettingsError(Exception):
    """The environment is wrong; the text names each variable and what it should be."""


def _wrong(error: ValidationError) -> str:
    def one(item: Any) -> str:
        name = ".".join(str(part) for part in item["loc"]).upper()
        return f"{name}: {item['msg'].removeprefix('Value error, ')}"

    return "; ".join(one(item) for item in error.errors(include_input=False, include_url=False))
