"""What is said about getting the news, and ending it."""

from assistant.dialogue.options import Option
from assistant.domain.cases import Case
from assistant.domain.texts import Paragraphs, Sentence, Text

_ = Sentence


def ask_subscribe(case: Case) -> Text:
    return _(
        "Shall we write to you when there is news of {person}? You can unsubscribe with <b>stop</b> at "
        "any time.",
        {"person": case.person},
    )


def subscribed(case: Case) -> Text:
    return _("You will hear from us when there is news of {person}.", {"person": case.person})


def already_subscribed(case: Case) -> Text:
    return _("You already get the news of {person}.", {"person": case.person})


def not_subscribed() -> Text:
    return _("That is fine. Write <b>subscribe</b> if you change your mind.")


UNSUBSCRIBE = Option("yes", _("Unsubscribe"), agrees=True)
NOT_THAT = Option("no", _("No, I meant something else"))


ONE_CASE = "one"  # the value of the option that ends the news of one case


def only_this(case: Case) -> Option:
    """To end the news of that case, and keep the rest."""
    return Option(ONE_CASE, _("Only {person}", {"person": case.person}))


ALL_CASES = Option("yes", _("All news"), _("all, everything, unsubscribe"))


def ask_which_news() -> Text:
    return _("Which news do you want to end?")


def ask_stop() -> Text:
    return _("Do you want to unsubscribe from all news?")


def unsubscribed() -> Text:
    return _(
        "You are unsubscribed and will get no more news from us. Write <b>subscribe</b> to get news again."
    )


END_ALL = Option(
    "all_news",
    _("No, end all news"),
    _("no, all, all of them, both, both of them, all news, everything, every one"),
)


def ask_only() -> Text:
    return _("Did you want to end the news of one case only? Then choose it, and you keep the rest.")


def subscriptions(cases: list[Case]) -> Text:
    if not cases:
        return _("You are not subscribed to any news. Write <b>subscribe</b> to get news.")
    titles = Paragraphs(tuple(case.title for case in cases))
    return Paragraphs((_("You get the news of these cases. Write <b>stop</b> to unsubscribe."), titles))
