"""Pages: what is generated is up to date, what is linked exists, and every decision can be found."""

import pytest

from assistant.settings import PREFIX, Settings
from docs.generators import settings_page


def test_the_page_of_settings_is_as_make_docs_writes_it() -> None:
    assert settings_page.PAGE.read_text("utf-8") == settings_page.page()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_and_on_its_page(name: str) -> None:
    said = Settings.model_fields[name].description
    assert said
    assert said[0].isupper()
    assert said.endswith(".")
    assert f"`{PREFIX}{name.upper()}`" in settings_page.page()


def test_secrets_may_be_files_and_are_marked() -> None:
    secrets = {name for name in Settings.model_fields if settings_page.is_secret(name)}
    assert secrets == {"database_url", "smtp_url", "fax_url", "telegram_token"}
    assert secrets == {name.removesuffix("_file") for name in Settings.model_fields if name.endswith("_file")}
    assert settings_page.page().count("🔑 |") == len(secrets)


def test_a_setting_says_its_default_its_limits_and_an_example() -> None:
    (undo,) = [line for line in settings_page.page().splitlines() if "UNDO_MINUTES" in line]
    assert undo.endswith("From 0 to 1440. | `10` |")
    (mail,) = [line for line in settings_page.page().splitlines() if "MAIL_FROM" in line]
    assert mail.endswith("Example: `Letters <letters@campaign.example>` | not set |")
