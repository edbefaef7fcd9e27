"""What we send on any channel arrives as it was meant, or fails in the terms that every channel shares."""

import pytest
from markupsafe import Markup

from assistant.channels.base import Channel
from assistant.domain.charts import Bar, Funnel
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.messages import Attachment, Button, Document, File, Paper, Picture, Reply
from assistant.domain.richtext import plain
from tests.support.conformance import special_characters
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import PRIVATE, Driver, Feature, Got, Participant
from tests.support.conformance.receiver import Receiver

HELLO = Reply(Markup(f"{PRIVATE} hello"))  # noqa: S704  no markup
PDF = File("letter.pdf", "application/pdf", b"%PDF-1.7 invented \x00\xff")
STYLES = ("{}", "<b>{}</b>", "<i>{}</i>", "<code>{}</code>", "<b>x</b>{}<i>y</i>")
PAPER = Paper("norma-cruz", "es", "Estimada Fiscal General", "office")
DATA = Document("my-data.json", "application/json", '{"name": "Ñ"}')
CHART = Picture(Funnel("en", "Letters", (Bar("Written", "400", 400), Bar("Arrived", "<10", None))))
PIXELS = File("figures.png", "image/png", b"\x89PNG\r\n\x1a\n invented \x00\xff")
LABELS = ("Yes & <go>", "*No*, not_now\\", "ليس الآن", "👋🏾 later")
BUTTONS = tuple(Button(f"value{number}", label) for number, label in enumerate(LABELS))
MARK = "ready.0123456789ab"
WORDS = (10, 300, 1500, 5000)


async def failing(driver: Driver, participant: Participant, channel: Channel | None = None) -> Failure:
    """How sending fails, without a word about whom or what."""
    with pytest.raises(Failure) as caught:
        await (channel or driver.channel).send(participant.address, HELLO)
    driver.check_no_private_text(f"{caught.value.reason}{caught.value!r}")
    assert caught.value.reason.endswith("."), "a sentence"
    return caught.value


async def sent(driver: Driver, participant: Participant, reply: Reply, file: File | None = None) -> list[Got]:
    """What arrives of a reply, with that file where the channel can show its attachment."""
    before = len(participant.got())
    for part in driver.channel.parts(reply):
        await driver.channel.send(participant.address, part, file if part.attachment else None)
    return participant.got()[before:]


@for_channels_with()
@pytest.mark.parametrize("style", STYLES)
async def test_every_special_character_arrives(driver: Driver, anna: Participant, style: str) -> None:
    for text in special_characters.texts():
        html = Markup(style).format(text)  # noqa: S704  the test's own
        [got] = await sent(driver, anna, Reply(html))
        assert got.text == plain(html)


@for_channels_with()
async def test_paragraphs_and_lines_arrive(driver: Driver, anna: Participant) -> None:
    text = f"{PRIVATE}\n\n  indented\n* {PRIVATE}\n1. {PRIVATE}.\n-- end"
    [got] = await sent(driver, anna, Reply(Markup("{}").format(text)))
    assert got.text == text


@for_channels_with()
async def test_options_arrive_in_order_with_their_labels(driver: Driver, anna: Participant) -> None:
    [got] = await sent(
        driver, anna, Reply(HELLO.html, BUTTONS, asks="ready", conversation="letter", mark=MARK)
    )
    assert (got.text, got.options) == (f"{PRIVATE} hello", LABELS)


@for_channels_with()
async def test_options_that_can_be_typed_arrive_among_the_others(driver: Driver, anna: Participant) -> None:
    buttons = (Button("a", "Sí – no"), Button("b", "Write", "letter norma-cruz"), Button("c", "Later"))
    [got] = await sent(
        driver, anna, Reply(HELLO.html, buttons, asks="ready", conversation="letter", mark=MARK)
    )
    assert (got.text, got.options) == (f"{PRIVATE} hello", ("Sí – no", "Write", "Later"))


@for_channels_with(Feature.QUOTES)
async def test_who_quotes_a_message_gives_the_reference_that_sending_it_returned(
    driver: Driver, anna: Participant
) -> None:
    receiver = Receiver()
    references = [await driver.channel.send(anna.address, HELLO) for _ in range(3)]
    assert [got.reference for got in anna.got()] == references
    async with driver.reading(receiver.receive):
        await anna.writes(f"{PRIVATE} this one", quoting=references[1])
        await receiver.until_taken(anna.address, 1)
    [incoming] = receiver.taken(anna.address)
    assert incoming.quotes == references[1]


def long(words: int, attachment: Paper | None = None) -> Reply:
    """A question of so many words, all of it bold."""
    text = " ".join(f"{PRIVATE}👋🏾<{number}>" for number in range(words))
    return Reply(
        Markup("<b>{}</b>").format(text),
        BUTTONS,
        asks="ready",
        conversation="letter",
        mark=MARK,
        attachment=attachment,
        first=True,
    )


@for_channels_with()
@pytest.mark.parametrize("words", WORDS)
async def test_parts_fit_and_lose_nothing(driver: Driver, anna: Participant, words: int) -> None:
    whole = long(words)
    *early, last = parts = driver.channel.parts(whole)
    assert [part for each in parts for part in driver.channel.parts(each)] == list(parts)
    assert (last.buttons, last.asks, last.mark) == (BUTTONS, "ready", MARK)
    assert {(part.buttons, part.asks, part.mark) for part in early} <= {((), None, None)}
    assert [part.first for part in parts] == [True, *[False] * len(early)]
    got = await sent(driver, anna, whole)
    assert " ".join(each.text for each in got) == plain(whole.html)
    assert [each.options for each in got] == [*[()] * len(early), LABELS]


@for_channels_with(Feature.PAPERS)
@pytest.mark.parametrize("attachment", [PAPER, DATA, CHART])
async def test_a_file_arrives_without_words_too(
    driver: Driver, anna: Participant, attachment: Attachment
) -> None:
    file = File("my-data.json", "application/json", DATA.text.encode())
    [got] = await sent(driver, anna, Reply(Markup(), attachment=attachment), file)
    assert (got.text, got.file, got.options) == ("", file, ())


@for_channels_with(Feature.PAPERS)
@pytest.mark.parametrize("words", WORDS)
async def test_a_paper_arrives_as_one_file_with_all_that_is_said(
    driver: Driver, anna: Participant, words: int
) -> None:
    whole = long(words, PAPER)
    parts = driver.channel.parts(whole)
    assert [part for each in parts for part in driver.channel.parts(each)] == list(parts)
    assert [part.attachment for part in parts if part.attachment] == [PAPER]
    got = await sent(driver, anna, whole, PDF)
    assert " ".join(each.text for each in got) == plain(whole.html)
    assert [each.file for each in got if each.file] == [PDF]
    assert [each.options for each in got] == [*[()] * (len(parts) - 1), LABELS]


@for_channels_with(Feature.PAPERS)
async def test_a_picture_arrives_as_its_kind_of_file(driver: Driver, anna: Participant) -> None:
    [got] = await sent(driver, anna, Reply(Markup("Letters"), attachment=CHART), PIXELS)
    assert (got.text, got.file) == ("Letters", PIXELS)


@for_channels_with()
def test_who_gets_no_picture_reads_what_it_shows(driver: Driver) -> None:
    [part] = driver.channel.parts(Reply(Markup("Letters"), attachment=CHART))
    if part.attachment is None:
        assert "Written: 400" in part.html and "Arrived: &lt;10" in part.html


@for_channels_with()
def test_a_paper_that_cannot_be_shown_is_no_message(driver: Driver) -> None:
    assert bool(driver.channel.parts(long(10, PAPER))) == (
        driver.channel.files_on_demand or Feature.PAPERS not in driver.lacks
    )


@for_channels_with(Feature.LEAVING)
async def test_who_has_gone_is_unreachable(driver: Driver, anna: Participant, bea: Participant) -> None:
    await anna.leaves()
    failure = await failing(driver, anna)
    assert isinstance(failure, Unreachable)
    assert failure.permanent and not failure.uncertain
    assert [got.text for got in await sent(driver, bea, HELLO)] == [f"{PRIVATE} hello"]
    assert anna.got() == []


@for_channels_with(Feature.LIMITS)
async def test_a_limit_is_told_with_its_time(driver: Driver, anna: Participant) -> None:
    seconds = driver.limit_next()
    failure = await failing(driver, anna)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.uncertain) == (seconds, False)
    assert len(await sent(driver, anna, HELLO)) == 1
    assert len(anna.got()) == 1


@for_channels_with(Feature.ANSWERS)
async def test_a_message_whose_answer_is_lost_may_have_arrived(driver: Driver, anna: Participant) -> None:
    driver.drop_next_response()
    failure = await failing(driver, anna)
    assert failure.uncertain
    assert not isinstance(failure, Throttled | Unreachable)
    assert len(anna.got()) == 1


@for_channels_with(Feature.ANSWERS)
async def test_where_there_is_no_connection_nothing_is_uncertain(driver: Driver, anna: Participant) -> None:
    nowhere = driver.unreachable()
    await driver.opened(nowhere)
    failure = await failing(driver, anna, nowhere)
    assert (failure.permanent, failure.uncertain) == (False, False)


@for_channels_with(Feature.ANSWERS)
async def test_a_closed_channel_fails_as_any_other_does_and_can_be_opened_again(
    driver: Driver, anna: Participant
) -> None:
    await driver.channel.close()
    failure = await failing(driver, anna)
    assert (failure.permanent, failure.uncertain) == (False, False)
    await driver.channel.open()
    assert len(await sent(driver, anna, HELLO)) == 1
