"""What has changed between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.text_changes import Change, Piece, compare

texts = st.text(st.sampled_from("abc .\n\u200f\u05d0")) | st.text()


def test_a_word_that_was_put_in_the_place_of_another_is_told() -> None:
    assert compare("Please free her.\n\nYours,", "Please release her.\n\nYours,") == [
        Piece(Change.KEPT, "Please "),
        Piece(Change.REMOVED, "free "),
        Piece(Change.ADDED, "release "),
        Piece(Change.KEPT, "her.\n\nYours,"),
    ]


@given(texts, texts)
def test_both_texts_are_in_it_whole(before: str, after: str) -> None:
    found = compare(before, after)
    assert "".join(each.text for each in found if each.change is not Change.ADDED) == before
    assert "".join(each.text for each in found if each.change is not Change.REMOVED) == after
    assert all(each.text for each in found)


@given(texts)
def test_nothing_has_changed_in_the_same_text(text: str) -> None:
    assert [each.change for each in compare(text, text)] == [Change.KEPT] * bool(text)
