"""Settings become channels."""

from assistant.channels.base import Channel, Profile
from assistant.settings import Settings
from assistant.wiring.content import Content
from conversations import commands


def configured_channels(settings: Settings, content: Content) -> list[Channel]:
    """The channels that the settings name. Raises Misconfigured where one is set wrongly."""
    channels: list[Channel] = []
    if token := settings.telegram():
        from assistant.channels.telegram.channel import Telegram

        with settings.blaming("telegram_token"):
            channels.append(
                Telegram(
                    token,
                    settings.telegram_api_url,
                    webhook_url=settings.telegram_webhook_url,
                    paid_rate=settings.telegram_paid_rate,
                    profiles=_profiles(content),
                )
            )
    if address := settings.signal():
        from assistant.channels.signal.channel import Signal

        channels.append(Signal(*address, settings.signal_expiry))
    if settings.web_url:
        from assistant.channels.web import Web

        channels.append(Web(settings.web_url))
    return channels


def _profiles(content: Content) -> dict[str, Profile]:
    """What a platform shows of us, by language."""
    return {
        language: Profile(
            commands.menu(locale),
            commands.profile_about().render(locale).unescape(),
            commands.profile_description().render(locale).unescape(),
        )
        for language, locale in content.locales.items()
    }
