"""Every button that a sentence can carry does what it says on every channel: pressed, or typed as listed."""

import copy
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest

from assistant.dialogue.answers import (
    Answer,
    Choice,
    Countries,
    Country,
    PersonalLine,
    Prose,
    Signature,
    Which,
)
from assistant.dialogue.options import Option
from assistant.dialogue.router import Turn, turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import Frame, State
from assistant.dialogue.talk import Person, Talk
from assistant.domain.broadcasts import CallToAction
from assistant.domain.effects import (
    Begin,
    Effect,
    Halt,
    OfferMove,
    OpenDashboard,
    Pause,
    SignOut,
    TakeChat,
    Unsubscribe,
    Withdraw,
)
from assistant.domain.letters import WrittenLetter
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.messages import Content, File, Open, Paper, Press, Reply, TextMessage
from assistant.domain.notifications import START_MARK, Notification, StartButton
from assistant.domain.organisers import Role
from assistant.domain.texts import Sentence, Text, render
from conversations import ARGUMENTS, CONVERSATIONS, broadcast_message
from conversations.organisers import notifications
from conversations.organisers.sentences import drafting
from conversations.supporters.sentences import letter as say
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import Driver, Feature, Participant
from tests.support.conformance.receiver import Receiver
from tests.support.dialogue_organisers import CASE, DIGEST, alert, organiser
from tests.support.invented_cases import invented_cases, many_cases, with_cases
from tests.support.offices import REF
from tests.support.organiser_sentences import PLAIN, all_notifications
from tests.support.sentences import choices, questions

HERE = Sentence("Which one?")
LONG = Sentence("word " * 2000)  # several messages, where a channel cuts
PAPER = Paper("norma-cruz", "es", "Estimada Fiscal General", "office")
PDF = File("letter.pdf", "application/pdf", b"%PDF-1.7 invented")
ENGLISH = Person(language="en")
# Forms that no sentence has today: a value is any text.
COLONS = (Option("a:b", "One"), Option(":c", "Two"), Option("d:", "Three"), Option("open:halt:1", "Four"))
ODD = (
    StartButton("letter", "", Sentence("Nothing in particular"), "/letter"),
    StartButton("edit", "a:b", Sentence("A colon"), "/edit a:b"),
    StartButton("edit", ":a::b:", Sentence("Colons"), "/edit :a::b:"),
    StartButton("edit", "open:edit:1", Sentence("A button in a button"), "/edit open:edit:1"),
)


class Chooser:
    """Somebody who gets messages, and takes what they offer."""

    def __init__(self, driver: Driver, participant: Participant, receiver: Receiver) -> None:
        self._driver = driver
        self._member = participant
        self._receiver = receiver
        self._taken = 0

    async def gets(self, reply: Reply) -> str | None:
        """The reference of the last part."""
        reference = None
        for part in self._driver.channel.parts(reply):
            file = PDF if part.attachment else None
            reference = await self._driver.channel.send(self._member.address, part, file)
        return reference

    async def sees_changed(self, reference: str, reply: Reply) -> None:
        """A message that they have becomes another."""
        await self._driver.channel.edit(self._member.address, reference, reply)

    async def writes(self, text: str) -> Content:
        """What comes to us when they write that."""
        self._taken += 1
        await self._member.writes(text)
        await self._receiver.until_taken(self._member.address, self._taken)
        return self._receiver.contents(self._member.address)[-1]

    async def takes(self, label: str) -> Content:
        """What comes to us when they choose that of the latest message."""
        self._taken += 1
        await self._member.chooses(label)
        await self._receiver.until_taken(self._member.address, self._taken)
        return self._receiver.contents(self._member.address)[-1]


@pytest.fixture
async def chooser(driver: Driver, anna: Participant) -> AsyncIterator[Chooser]:
    """Anna, who is listened to."""
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        yield Chooser(driver, anna, receiver)


# Answers


def asking(script: Script, answer: Answer[str | None], said: Text = HERE) -> Script:
    """A script whose only conversation asks that, and then waits."""

    def asks(talk: Talk) -> Iterable[Effect | Begin]:
        talk.ask("it", answer, said)
        talk.ask("then", Prose(), HERE)
        return []

    changed = copy.copy(script)
    changed.conversations = {"asks": asks}
    return changed


def asked(script: Script, *typed: str) -> Turn:
    """The turn in which the question stands, after some answers that are not clear."""
    taken = turn(script, ENGLISH, State((Frame(conversation="asks"),)), Open())
    for each in typed:
        taken = turn(script, ENGLISH, taken.state, TextMessage(each))
    return taken


def effect(taken: Turn) -> object:
    """All that comes of a turn, but for the message that led to it."""
    frames = [
        (frame.conversation, frame.case, [(each.name, each.value) for each in frame.answers])
        for frame in taken.state.frames
    ]
    return taken.replies, taken.effects, taken.accepted, frames


async def check_each(chooser: Chooser, script: Script, before: Turn, attachment: Paper | None = None) -> None:
    """Each option of the question that stands does what its value means."""
    question = before.replies[-1]
    assert question.buttons and question.mark
    stale = script.phrases.stale().render(script.default_locale)
    for button in question.buttons:
        await chooser.gets(question if attachment is None else replace(question, attachment=attachment))
        taken = turn(script, ENGLISH, before.state, await chooser.takes(button.label))
        meant = turn(script, ENGLISH, before.state, Press(question.mark, button.value))
        assert effect(taken) == effect(meant), button
        assert stale not in [reply.html for reply in taken.replies], button


@for_channels_with(Feature.WRITING)
async def test_each_option_of_each_question_is_taken(chooser: Chooser, script: Script) -> None:
    asked_of_anybody, of_organisers = questions(script), choices(script)
    for options in (*asked_of_anybody.values(), *of_organisers.values()):
        answering = asking(script, Choice(*options))
        await check_each(chooser, answering, asked(answering))


KINDS: dict[str, tuple[Answer[str | None], tuple[str, ...]]] = {
    "choice": (Choice(*COLONS), ()),
    "line": (PersonalLine(say.SKIP, say.NO_LINES), ()),
    "doubtful line": (PersonalLine(say.SKIP, say.NO_LINES, say.LINE_DOUBTS), ("no idea",)),
    "name": (Signature(say.NAME_DOUBTS, say.sign_nameless("CL")), ()),
    "doubtful name": (Signature(say.NAME_DOUBTS, say.sign_nameless("CL")), ("I am Ana",)),
    "prose": (Prose(drafting.SKIP), ()),
    "countries": (Countries(drafting.EVERYWHERE), ()),
    "country": (Country(say.that_country, say.NONE), ("Congo",)),
    "only country": (Country(say.that_country, say.NONE), ("Germny",)),
    "which": (Which(Option("12", HERE, word="12"), Option("7", Sentence("That one"), word="7")), ()),
}


@for_channels_with(Feature.WRITING)
@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_answer_is_taken(chooser: Chooser, script: Script, kind: str) -> None:
    answer, typed = KINDS[kind]
    answering = asking(script, answer)
    await check_each(chooser, answering, asked(answering, *typed))


@for_channels_with(Feature.WRITING)
async def test_options_under_several_messages_are_taken(chooser: Chooser, script: Script) -> None:
    answering = asking(script, Choice(*COLONS), LONG)
    await check_each(chooser, answering, asked(answering))


@for_channels_with(Feature.WRITING, Feature.PAPERS)
async def test_options_under_a_paper_are_taken(chooser: Chooser, script: Script) -> None:
    answering = asking(script, Choice(*COLONS))
    await check_each(chooser, answering, asked(answering), PAPER)


# More than a channel can carry


@for_channels_with(Feature.WRITING)
@pytest.mark.parametrize("count", [30, 100, 101, 300])
async def test_a_newcomer_reads_every_case_and_chooses_the_last_one(
    chooser: Chooser, anna: Participant, script: Script, count: int
) -> None:
    script = with_cases(script, many_cases(script, count).values())
    asked = turn(script, ENGLISH, State(), Open())
    question, last = asked.replies[-1], list(script.cases.values())[-1]
    titles = [case.title.render(script.default_locale) for case in script.cases.values()]
    await chooser.gets(question)
    read = [line for got in anna.got() for line in (*got.text.split("\n"), *got.options)]
    shown = [line.partition(". ")[2] or line for line in read if "Person" in line]
    assert shown == titles
    assert any("a few letters of the name" in line for line in read)
    for typed in (str(count), str(last.title.render(script.default_locale)), last.person.split()[1]):
        taken = turn(script, ENGLISH, asked.state, await chooser.writes(typed))
        assert (taken.accepted, taken.state.frames[-1].answers[0].value) == (True, last.slug)


@for_channels_with(Feature.WRITING)
async def test_a_few_letters_narrow_the_cases_down_to_what_is_chosen_then(
    chooser: Chooser, script: Script
) -> None:
    script = with_cases(script, many_cases(script, 300).values())
    asked = turn(script, ENGLISH, State(), Open())
    await chooser.gets(asked.replies[-1])
    narrowed = turn(script, ENGLISH, asked.state, await chooser.writes("ba"))
    labels = [button.label for button in narrowed.replies[-1].buttons]
    assert len(labels) == 12 and all(label.startswith("Person Ba") for label in labels)
    await chooser.gets(narrowed.replies[-1])
    taken = turn(script, ENGLISH, narrowed.state, await chooser.takes(labels[3]))
    assert taken.state.frames[-1].answers[0].value == "person-bag"
    elsewhere = turn(script, ENGLISH, narrowed.state, await chooser.writes("person bof"))
    assert elsewhere.state.frames[-1].answers[0].value == "person-bof"


@for_channels_with(Feature.WRITING)
async def test_options_with_long_labels_and_long_values_are_taken(chooser: Chooser, script: Script) -> None:
    for options in (
        [Option(f"value-{number}", f"{number} {'long label ' * 12}".strip()) for number in range(40)],
        [Option(f"{number}-{'long-value' * 6}", f"Option {number}") for number in range(3)],
    ):
        answering = asking(script, Choice(*options))
        before = asked(answering)
        await chooser.gets(before.replies[-1])
        taken = turn(answering, ENGLISH, before.state, await chooser.writes("3"))
        assert taken.state.frames[-1].answers[0].value == options[2].value


# What begins something


def doors(script: Script) -> list[StartButton]:
    """One of each conversation that can be begun so, and all that stand under a message."""
    case = invented_cases(script)["norma-cruz"]
    under_news = [broadcast_message.door(replace(PLAIN, call_to_action=step), case) for step in CallToAction]
    return [
        *(StartButton(name, "norma-cruz", Sentence("Begin"), f"/{name} norma-cruz") for name in ARGUMENTS),
        *(door for told in all_notifications(script).values() for door in told.doors),
        *(door for door in under_news if door),
        *ODD,
    ]


def waiting(script: Script) -> Script:
    """A script whose conversations keep what they are begun with, and wait."""

    def waits(talk: Talk) -> Iterable[Effect | Begin]:
        talk.ask("then", Prose(), HERE)
        return []

    changed = with_cases(script, invented_cases(script).values())
    changed.conversations = dict.fromkeys(CONVERSATIONS, waits)
    return changed


def begun(taken: Turn) -> tuple[str, str]:
    """The conversation that a turn has begun, and with what."""
    [frame] = taken.state.frames
    return frame.conversation, frame.case or "".join(each.value or "" for each in frame.answers)


@for_channels_with(Feature.WRITING)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_each_button_begins_its_conversation_with_its_argument(
    driver: Driver, chooser: Chooser, script: Script, language: str
) -> None:
    locale, listening = script.locales[language], waiting(script)
    person = organiser(script, Role.OWNER, language=language).person
    for door in doors(script):
        await chooser.gets(Notification(HERE, (door,)).render(locale))
        content = await chooser.takes(door.button(locale).label)
        argument = door.argument
        if Feature.BUTTONS in driver.lacks:
            argument = render(door.word, locale).unescape().partition(" ")[2]
        else:
            assert content == Press(START_MARK, f"{door.conversation}:{door.argument}")
        assert begun(turn(listening, person, State(), content)) == (door.conversation, argument)


@for_channels_with(Feature.WRITING)
async def test_what_is_offered_to_organisers_happens(chooser: Chooser, script: Script) -> None:
    sending, proposed = alert(12, BroadcastStatus.SENDING), alert(7, BroadcastStatus.PROPOSED)
    person = organiser(script, Role.OWNER, sending, proposed).person
    await chooser.gets(notifications.approved(sending, "Abel").render(script.default_locale))
    halted = turn(script, person, State(), await chooser.takes("Halt it"))
    assert (halted.effects, halted.accepted) == ((Halt(12),), True)
    await chooser.gets(notifications.proposed(proposed, "Olga").render(script.default_locale))
    looked_at = turn(script, person, State(), await chooser.takes("Approve it"))
    assert looked_at.replies[-1].asks == "approve"
    [frame] = looked_at.state.frames
    number = (frame.answers[0].value or "").partition(".")
    assert number[0] == "7" and number[2] in ("", DIGEST)


@for_channels_with(Feature.WRITING, Feature.CHANGES)
async def test_a_button_of_a_message_that_was_changed_does_the_same(chooser: Chooser, script: Script) -> None:
    sending = alert(12, BroadcastStatus.SENDING)
    person = organiser(script, Role.OWNER, sending).person
    reference = await chooser.gets(Reply(HERE.render(script.default_locale)))
    assert reference is not None
    told = notifications.approved(sending, "Abel").render(script.default_locale)
    await chooser.sees_changed(reference, told)
    halted = turn(script, person, State(), await chooser.takes("Halt it"))
    assert halted.effects == (Halt(12),)


@for_channels_with(Feature.WRITING)
async def test_what_stops_something_stops_it_as_it_is_written(chooser: Chooser, script: Script) -> None:
    person = organiser(script, Role.VIEWER, alert(12, BroadcastStatus.SENDING)).person
    for text, effect in {
        "/halt now": Halt(None),
        "halt 12": Halt(12),
        "/pause Norma Cruz": Pause(CASE),
    }.items():
        assert turn(script, person, State(), await chooser.writes(text)).effects == (effect,)
    asked = turn(script, person, State(), await chooser.writes("STOP please"))
    assert asked.effects == (Unsubscribe(),)
    await chooser.gets(asked.replies[-1])
    assert turn(script, person, asked.state, await chooser.takes("Halt everything")).effects == (Halt(None),)


@for_channels_with(Feature.WRITING, Feature.LINE_BREAKS)
async def test_a_command_stands_on_a_line_of_its_own(chooser: Chooser, script: Script) -> None:
    person = organiser(script, Role.VIEWER, alert(12, BroadcastStatus.SENDING)).person
    for text, effect in {"/halt\n12": Halt(12), "/halt\nplease": Halt(None)}.items():
        assert turn(script, person, State(), await chooser.writes(text)).effects == (effect,)
    assert turn(script, ENGLISH, State(), await chooser.writes("/stop\nthank you")).effects == (
        Unsubscribe(),
    )


@for_channels_with(Feature.WRITING)
async def test_a_chat_moves_by_the_code_as_it_is_typed(chooser: Chooser, script: Script) -> None:
    assert turn(script, ENGLISH, State(), await chooser.writes("move")).effects == (OfferMove(),)
    asked = turn(script, ENGLISH, State(), await chooser.writes("/move k7qm-4TXA"))
    await chooser.gets(asked.replies[-1])
    taken = turn(script, ENGLISH, asked.state, await chooser.takes("Yes, bring it here"))
    assert taken.effects == (TakeChat("K7QM4TXA"),)


@for_channels_with(Feature.WRITING)
async def test_an_organiser_signs_in_to_the_dashboard_and_out(chooser: Chooser, script: Script) -> None:
    person = organiser(script, Role.VIEWER).person
    spanish = replace(person, language="es")
    for who, text in ((person, "/dashboard"), (spanish, "/panel")):
        assert turn(script, who, State(), await chooser.writes(text)).effects == (OpenDashboard(),)
    for who, text in ((person, "/signout"), (person, "sign out"), (spanish, "/desconectar")):
        assert turn(script, who, State(), await chooser.writes(text)).effects == (SignOut(),)
    assert not turn(script, ENGLISH, State(), await chooser.writes("/dashboard")).effects


@for_channels_with(Feature.WRITING)
async def test_what_is_asked_back_is_chosen(chooser: Chooser, script: Script) -> None:
    """Whether a name is a wish to stop, whether a question is for us, whether a letter is withdrawn."""
    state = State()
    for text in ("hi", "1", "Finland", "Rosa Alto"):
        taken = turn(script, ENGLISH, state, await chooser.writes(text))
        state = taken.state
    await chooser.gets(taken.replies[-1])
    taken = turn(script, ENGLISH, state, await chooser.takes("No, I meant something else"))
    assert taken.replies[-1].asks == "line"
    taken = turn(script, ENGLISH, taken.state, await chooser.writes("Is this safe for her?"))
    await chooser.gets(taken.replies[-1])
    taken = turn(script, ENGLISH, taken.state, await chooser.takes("It is my sentence for the letter"))
    assert taken.replies[-1].asks == "verdict"
    unsent = WrittenLetter(
        ref=REF,
        answers=(("name", "Rosa Alto"), ("country", "FI"), ("line", None)),
        status=LetterStatus.QUEUED,
        has_left=False,
    )
    writer = replace(ENGLISH, letters=(unsent,))
    assert (
        "has not been sent yet"
        in turn(script, writer, State(), await chooser.writes("/status")).replies[0].html
    )
    taken = turn(script, writer, State(), await chooser.writes("cancel"))
    await chooser.gets(taken.replies[-1])
    taken = turn(script, writer, taken.state, await chooser.takes("Yes, withdraw it"))
    assert taken.effects == (Withdraw(REF.of),)
