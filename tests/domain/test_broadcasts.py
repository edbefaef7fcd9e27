"""The rules of broadcasts, each of them once."""

import pytest
from markupsafe import Markup

from assistant.domain.broadcasts import Version
from assistant.domain.messages import Button

BODY, FOOTER = Markup("News.\n\nMore of it."), Markup("Write stop.")

# What a reader gets


@pytest.mark.parametrize(
    ("outcome", "wrote", "read"),
    [
        (None, False, "News.\n\nMore of it.\n\nWrite stop."),
        (None, True, "News.\n\nMore of it.\n\nWrite stop."),
        (Markup(""), True, "News.\n\nMore of it.\n\nWrite stop."),  # not counted yet
        (Markup("3 arrived."), False, "News.\n\nMore of it.\n\nWrite stop."),
        (Markup("3 arrived."), True, "News.\n\nMore of it.\n\n3 arrived.\n\nWrite stop."),
    ],
)
def test_the_outcome_is_for_those_who_wrote_above_how_to_stop(
    outcome: Markup | None, wrote: bool, read: str
) -> None:
    version = Version(BODY, FOOTER, outcome=outcome)
    assert version.copy(wrote=wrote).html == read


def test_a_text_of_one_paragraph_has_nothing_below_it() -> None:
    assert Version(Markup("News.")).copy(wrote=True).html == "News."


def test_its_button_can_be_pressed_at_any_time() -> None:
    button = Button("more:norma-cruz", "Read more")
    copy = Version(BODY, FOOTER, button).copy(wrote=False)
    assert (copy.buttons, copy.mark, copy.bulk) == ((button,), "open", True)
    assert Version(BODY, FOOTER).copy(wrote=False).mark is None
