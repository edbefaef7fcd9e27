"""Settings: environment variables `ASSISTANT_*`, or a `.env` file, as one validated object."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.domain.errors import Misconfigured

PREFIX = "ASSISTANT_"


class Settings(BaseSettings):
    """What an operator can set. Every name below is a variable `ASSISTANT_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True
    )

    data_dir: Path = Field(Path("var"), description="folder for the database, the keyring and the tray")
    database_url: str | None = Field(
        None, description="sqlite:/// or postgresql:// address; default: in data_dir"
    )
    keyring: Path | None = Field(None, description="file with the encryption keys; default: in data_dir")
    cases_dir: Path | None = Field(None, description="folder with more case folders")
    telegram_token: SecretStr | None = Field(None, description="the bot's token, from @BotFather")
    telegram_token_file: Path | None = Field(None, description="a file that holds the token instead")
    telegram_api_url: str = Field("https://api.telegram.org", description="the Bot API server")

    @field_validator("telegram_api_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("it has to begin with http:// or https://")
        return value.rstrip("/")

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises Misconfigured, naming the variable that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
            raise Misconfigured(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"The file .env cannot be read: {_why(error)}.") from None

    @property
    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'assistant.sqlite'}"

    @property
    def keyring_path(self) -> Path:
        """Where the encryption keys are."""
        return self.keyring or self.data_dir / "keyring.json"

    @property
    def tray(self) -> Path:
        """Where the tray puts letters."""
        return self.data_dir / "tray"

    @property
    def lock(self) -> Path:
        """Held by the one process that works on the lanes of this folder."""
        return self.data_dir / "engine.lock"

    def telegram(self) -> str | None:
        """The bot's token; None where there is no bot. Raises Misconfigured where its file cannot be read."""
        if self.telegram_token is not None:
            return self.telegram_token.get_secret_value().strip()
        if self.telegram_token_file is None:
            return None
        try:
            token = self.telegram_token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{PREFIX}TELEGRAM_TOKEN_FILE cannot be read: {_why(error)}.") from None
        if not token:
            raise Misconfigured(f"{PREFIX}TELEGRAM_TOKEN_FILE names an empty file.")
        return token


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "unknown error" if isinstance(error, OSError) else "save it as UTF-8"
