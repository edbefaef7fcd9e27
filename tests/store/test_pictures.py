"""A chart that waits in the outbox is drawn as it was said, of whichever kind."""

import pytest
from markupsafe import Markup

from assistant.domain.charts import Chart
from assistant.domain.messages import Document, Picture, Reply
from assistant.store.messages import dump_reply, load_reply
from tests.content.charts.test_drawing import EACH


@EACH
def test_a_picture_is_stored_and_read_with_every_value(chart: Chart) -> None:
    reply = Reply(Markup("Letters"), attachment=Picture(chart))
    assert load_reply(dump_reply(reply)) == reply


def test_a_file_of_text_is_still_one() -> None:
    reply = Reply(Markup(), attachment=Document("my-data.json", "application/json", "{}"))
    assert load_reply(dump_reply(reply)) == reply


def test_a_picture_that_shows_nothing_that_we_know_is_refused() -> None:
    stored = dump_reply(Reply(Markup(), attachment=Document("a", "b", "c")))
    with pytest.raises(ValueError, match="validation error"):
        load_reply(stored.replace('"name": "a"', '"chart": {"language": "en"}, "name": "a"'))
