"""Answers of offices: kept sealed, looked at by one organiser, passed on to who wrote the letter."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, select, update

from assistant.domain.answers import AnswerCount, AnswerGroup, AnswerKind, AnswerStatus
from assistant.domain.effects import SettleAnswers
from assistant.domain.errors import Failure, Refused
from assistant.domain.organisers import Role
from assistant.services.letters.answers import AnswerOverview, Settler
from assistant.store import answers as store
from assistant.store import audit
from assistant.store.tables import answers, letters
from assistant.store.tables import audit as audit_table
from tests.support.answers import FOREIGN, SAID, answer, mailed, token_of
from tests.support.carriers.email_bounces import POSTFIX, TOKEN
from tests.support.harness import CASE, NAME, Harness
from tests.support.organisers import carry_out, deliver_replies, join

pytestmark = pytest.mark.both_databases

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point
PASSED, SET_ASIDE = AnswerStatus.PASSED, AnswerStatus.SET_ASIDE
SHELL = Settler("shell", Role.OWNER)
VACATION = {"Auto-Submitted": "auto-replied"}


async def receive(harness: Harness, *mails: bytes) -> tuple[int, int, int, int]:
    """How many answers of people, of programs, known ones and other mails that made."""
    reader = harness.mail_reader()
    for mail in mails:
        assert await reader.read(mail)
    count = reader.count
    return count.answers, count.automatic, count.repeated, count.others


async def settle(harness: Harness, number: int, status: AnswerStatus, same_up_to: int | None = None) -> int:
    async with harness.store.write() as tx:
        service = harness.news.answer_service
        return await service.settle(tx, SHELL, number, status, same_up_to=same_up_to)


async def groups(harness: Harness) -> list[AnswerGroup]:
    async with harness.store.read() as tx:
        return await store.waiting(tx, 10)


async def texts(harness: Harness) -> list[str | None]:
    async with harness.store.read() as tx:
        found = [await store.find(tx, each.id) for each in await store.listed(tx)]
        return [each.content.text if each and each.content else None for each in found]


async def counted(harness: Harness) -> AnswerCount:
    return sum((await AnswerOverview(harness.store).counts()).values(), AnswerCount())


async def told(harness: Harness, person: str) -> list[str]:
    """What that person has read of the office, once all has been sent."""
    await harness.engine().run_until_idle()
    return [each for each in harness.texts_to(person) if "The office has answered" in each]


# What comes


async def test_an_answer_is_kept_for_its_letter_and_no_other(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    assert await receive(harness, answer(2)) == (1, 0, 0, 0)
    [found] = await AnswerOverview(harness.store).listed()
    assert (found.letter, found.case, found.kind, found.status) == (
        2,
        CASE,
        AnswerKind.GENUINE,
        AnswerStatus.NEW,
    )
    assert await texts(harness) == [SAID]


async def test_nothing_of_it_can_be_read_in_the_database(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer(text="Dear Quillabamba, the word is zorzal."))
    [row] = await harness.rows(select(answers))
    shown = repr(row).lower()
    assert "zorzal" not in shown and "quillabamba" not in shown and "office" not in shown


async def test_the_same_mail_twice_is_one_answer(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    again = b"Received: from elsewhere\r\n" + answer().replace(b"\n", b"\r\n")
    assert await receive(harness, answer(), answer(), again) == (1, 0, 2, 0)
    assert await receive(harness, answer(2)) == (1, 0, 0, 0)  # to another letter
    assert await receive(harness, answer(number=2)) == (1, 0, 0, 0)  # another mail


async def test_it_stays_one_answer_when_its_text_is_kept_no_longer(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    harness.clock.advance(days=40)
    await harness.run_retention()
    assert await receive(harness, answer()) == (0, 0, 1, 0)
    assert await texts(harness) == [None]


async def test_one_mail_can_answer_several_letters(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    to = ", ".join(f"letters+{token_of(letter)}@campaign.example" for letter in (1, 2, 3))
    assert await receive(harness, answer(headers={"To": to})) == (1, 0, 0, 0)
    assert [each.letter for each in await AnswerOverview(harness.store).listed()] == [1, 2]


async def people(harness: Harness) -> list[int]:
    """To how many people each answer went."""
    found = [await AnswerOverview(harness.store).find(each.example.id) for each in await groups(harness)]
    return [each.content.people for each in found if each.content]


def to_all(*numbers: int) -> dict[str, str]:
    return {"To": ", ".join(f"letters+{token_of(letter)}@campaign.example" for letter in numbers)}


async def test_what_goes_to_several_people_at_once_is_marked_and_never_passed_on_together(
    harness: Harness,
) -> None:
    await mailed(harness, "ana", "ben", "eva")
    await receive(harness, answer(text=SAID, headers=to_all(1, 2)), answer(3, SAID, number=2))
    assert await people(harness) == [2, 2, 1]
    assert await settle(harness, 1, PASSED, 9) == 1
    assert (len(await told(harness, "ana")), await told(harness, "ben"), await told(harness, "eva")) == (
        1,
        [],
        [],
    )


async def test_who_has_been_forgotten_may_still_be_named_in_it(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await harness.receive_all("ana", ["forget", "yes"])
    await receive(harness, answer(headers=to_all(1, 2)))
    assert await people(harness) == [2]


async def test_what_goes_to_letters_of_the_same_person_names_nobody_else(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    async with harness.store.write() as tx:
        chat = select(letters.c.chat_id).where(letters.c.id == 1).scalar_subquery()
        moved = (
            update(letters).where(letters.c.id == 2).values(chat_id=chat, target_slug="another", body=None)
        )
        await tx.connection.execute(moved)
    await receive(harness, answer(headers=to_all(1, 2)))
    assert await people(harness) == [1, 1]


@pytest.mark.parametrize(
    "mail",
    [
        answer(FOREIGN),
        answer(headers={"To": "letters@campaign.example"}),
        answer(headers={"To": "letters+x@campaign.example", "In-Reply-To": f"<{FOREIGN}@campaign.example>"}),
        answer(FOREIGN, headers=VACATION),
        b"",
        b"\xff" * 1000,
    ],
)
async def test_what_names_no_letter_of_ours_is_kept_nowhere(harness: Harness, mail: bytes) -> None:
    await mailed(harness, "ana")
    assert await receive(harness, mail) == (0, 0, 0, 1)
    assert await harness.rows(select(answers)) == []


async def test_what_says_that_it_answers_our_message_is_an_answer(harness: Harness) -> None:
    await mailed(harness, "ana")
    to = {"To": "letters@campaign.example", "In-Reply-To": f"<{token_of(1)}@campaign.example>"}
    assert await receive(harness, answer(headers=to)) == (1, 0, 0, 0)


async def test_a_bounce_is_still_a_bounce(harness: Harness) -> None:
    await mailed(harness, "ana")
    reader = harness.mail_reader()
    assert await reader.read(POSTFIX.replace(TOKEN, token_of(1)).encode())
    assert (reader.count.settled, reader.count.answers) == (1, 0)


async def test_a_program_that_answers_is_counted_and_waits_for_nobody(harness: Harness) -> None:
    await mailed(harness, "ana")
    await join(harness, "abel", Role.APPROVER)
    assert await receive(harness, answer(headers=VACATION)) == (0, 1, 0, 0)
    assert await groups(harness) == []
    with pytest.raises(Refused, match="set aside already"):
        await settle(harness, 1, SET_ASIDE)
    assert await counted(harness) == AnswerCount(automatic=1)
    await deliver_replies(harness)
    assert not any("has answered a letter" in text for text in harness.texts_to("abel"))


async def test_a_program_s_answer_can_be_passed_on_after_all_and_nothing_with_it(harness: Harness) -> None:
    await mailed(harness, "ana", "ben", "eva")
    await receive(harness, *(answer(letter, headers=VACATION) for letter in (1, 2)), answer(3))
    await settle(harness, 3, SET_ASIDE)
    assert await settle(harness, 1, PASSED, 9) == 1
    assert [len(await told(harness, person)) for person in ("ana", "ben", "eva")] == [1, 0, 0]
    for number in (1, 3):  # passed on already, and set aside by somebody
        with pytest.raises(Refused, match="already"):
            await settle(harness, number, PASSED)


async def test_a_mail_of_ten_megabytes_is_an_answer(harness: Harness) -> None:
    await mailed(harness, "ana")
    assert await receive(harness, answer(text="word " * 2_200_000)) == (1, 0, 0, 0)
    [text] = await texts(harness)
    assert text is not None and len(text) <= 50_000


# Who is told


async def test_approvers_are_told_of_the_first_that_waits_and_no_more(harness: Harness) -> None:
    await mailed(harness, "ana")
    for person, role in (("abel", Role.APPROVER), ("olga", Role.OWNER), ("dora", Role.DRAFTER)):
        await join(harness, person, role)
    await receive(harness, answer(number=1), answer(number=2))
    await deliver_replies(harness)
    for person, times in (("abel", 1), ("olga", 1), ("dora", 0)):
        assert sum("has answered a letter" in text for text in harness.texts_to(person)) == times
    assert harness.channel.sent["abel"][-1].buttons[0].value == "answers:1"
    await settle(harness, 1, PASSED, 2)
    await receive(harness, answer(number=3))
    await deliver_replies(harness)
    assert sum("has answered a letter" in text for text in harness.texts_to("abel")) == 2


async def times_told(harness: Harness, person: str = "abel") -> int:
    await deliver_replies(harness)
    return sum("has answered a letter" in text for text in harness.texts_to(person))


async def test_approvers_are_told_again_a_day_later_while_any_waits_that_they_were_not_told_of(
    harness: Harness,
) -> None:
    await mailed(harness, "ana")
    await join(harness, "abel", Role.APPROVER)
    await receive(harness, answer(number=1))
    harness.clock.advance(hours=23)
    await receive(harness, answer(number=2), answer(number=3))
    assert await times_told(harness) == 1
    harness.clock.advance(hours=2)
    await harness.run_retention()  # nothing more comes, and they are told all the same
    assert await times_told(harness) == 2
    assert harness.channel.sent["abel"][-1].buttons[0].value == "answers:2"
    for _ in range(3):
        harness.clock.advance(days=1)
        await harness.run_retention()
    assert await times_told(harness) == 2
    await receive(harness, answer(number=4))
    assert await times_told(harness) == 3


async def test_who_becomes_an_approver_is_told_of_what_nobody_was_told_of(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer(number=1), answer(number=2, headers=VACATION))
    await join(harness, "abel", Role.APPROVER)
    await harness.run_retention()
    await harness.run_retention()
    assert await times_told(harness) == 1


# Passing on


async def test_it_is_passed_on_after_one_look_without_what_it_quotes(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await receive(
        harness, answer(text=f"{SAID}\n\nOn Mon, 23 Jan 2012 at 15:12 Letters wrote:\n> Dear Minister\n")
    )
    assert await told(harness, "ana") == []
    assert await settle(harness, 1, PASSED) == 1
    [text] = await told(harness, "ana")
    assert SAID.splitlines()[-1] in text and "Dear Minister" not in text
    assert await told(harness, "ben") == []


async def test_its_text_is_never_markup(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer(text="<b>bold</b> & <a href='x'>link</a> {name}"))
    await settle(harness, 1, PASSED)
    await harness.engine().run_until_idle()
    [html] = [reply.html for reply in harness.channel.sent["ana"] if "office has answered" in reply.html]
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;a href=" in html
    assert "{name}" in html


async def test_those_that_say_the_same_are_passed_on_together_each_to_its_own(harness: Harness) -> None:
    await mailed(harness, "ana", "ben", "eva")
    await receive(
        harness,
        answer(1, f"Dear {NAME},\nyour letter has come.", number=1),
        answer(2, f"Dear {NAME.upper()},\n\nyour letter has  come.", number=2),
        answer(3, "We will not answer.", number=3),
    )
    same, other = await groups(harness)
    assert (same.example.id, same.last, same.count, other.count) == (1, 2, 2, 1)
    assert await settle(harness, 1, PASSED, same.last) == 2
    assert f"Dear {NAME}," in (await told(harness, "ana"))[0]
    assert f"Dear {NAME.upper()}," in (await told(harness, "ben"))[0]
    assert await told(harness, "eva") == []
    assert await counted(harness) == AnswerCount(letters=3, genuine=3, waiting=1, passed=2)


@ON_SQLITE
async def test_nothing_is_passed_on_with_what_was_looked_at_that_differs_in_anything(
    harness: Harness,
) -> None:
    await mailed(harness, *(f"p{number}" for number in range(1, 8)))
    said = f"Dear {NAME},\nthank you. Call 1."
    file = answer(6, said, number=6).replace(b"\n\n", b'\nContent-Disposition: inline; filename="a"\n\n', 1)
    await receive(
        harness,
        answer(1, said, number=1),
        answer(2, said, number=2, headers={"From": "Invented Office <office@example.net>"}),
        answer(3, f"Dear {NAME} we know where you live,\nthank you. Call 1.", number=3),
        answer(4, f"Dear {NAME},\nthank you. Call 2.", number=4),
        answer(5, "", number=5),
        file,
        answer(7, "", number=7),
    )
    assert [each.count for each in await groups(harness)] == [1] * 7
    assert await settle(harness, 1, PASSED, 7) == 1


async def test_what_an_earlier_version_held_to_be_the_same_is_looked_at_one_by_one(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await receive(harness, answer(1), answer(2))
    assert [each.count for each in await groups(harness)] == [2]
    migration = import_module("assistant.store.migrations.versions.0012_answers_apart")

    def upgrade(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()

    async with harness.store.write() as tx:
        await tx.connection.run_sync(upgrade)
    assert [each.count for each in await groups(harness)] == [1, 1]


@ON_SQLITE
async def test_the_same_text_to_another_office_is_looked_at_by_itself(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    async with harness.store.write() as tx:
        moved = update(letters).where(letters.c.id == 2).values(target_slug="another")
        await tx.connection.execute(moved)
    await receive(harness, answer(1), answer(2))
    assert [each.count for each in await groups(harness)] == [1, 1]


async def test_what_came_after_the_look_is_not_passed_on_with_it(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await receive(harness, answer(1))
    [seen] = await groups(harness)
    await receive(harness, answer(2))
    assert await settle(harness, 1, PASSED, seen.last) == 1
    assert [each.example.letter for each in await groups(harness)] == [2]


async def test_at_night_it_waits_until_morning(harness: Harness) -> None:
    await mailed(harness, "ana")  # in Finland
    await receive(harness, answer())
    harness.clock.now = harness.clock.now.replace(hour=22)
    await settle(harness, 1, PASSED)
    assert await told(harness, "ana") == []
    harness.clock.advance(hours=10)
    assert len(await told(harness, "ana")) == 1


async def test_it_is_told_in_the_language_of_who_wrote(harness: Harness) -> None:
    await mailed(harness, "ana", language="es")
    await receive(harness, answer())
    await settle(harness, 1, PASSED)
    await harness.engine().run_until_idle()
    assert "La autoridad respondió." in harness.last_text_to("ana")


async def test_it_is_settled_once(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    await settle(harness, 1, SET_ASIDE)
    for status in (PASSED, SET_ASIDE):
        with pytest.raises(Refused, match="set aside already"):
            await settle(harness, 1, status)
    with pytest.raises(Refused, match="no answer 7"):
        await settle(harness, 7, PASSED)
    assert await told(harness, "ana") == []


@ON_SQLITE
async def test_only_who_may_approve_can_settle_one(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    await join(harness, "dora", Role.DRAFTER)
    with pytest.raises(Failure, match="another role"):
        await carry_out(harness, "dora", SettleAnswers(1, PASSED))
    await join(harness, "abel", Role.APPROVER)
    await carry_out(harness, "abel", SettleAnswers(1, PASSED))
    assert len(await told(harness, "ana")) == 1


async def test_the_audit_says_who_did_it_and_nothing_of_the_text(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    await settle(harness, 1, PASSED)
    [row] = await harness.rows(select(audit_table))
    assert (row["actor"], row["action"], row["subject"]) == ("shell", "answer passed", "answer 1")
    assert row["detail"] == f"1 to letters for {CASE}"
    async with harness.store.read() as tx:
        assert (await audit.verify(tx, "")).entries == 1


async def test_a_case_that_cannot_be_used_has_nothing_passed_on(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    harness.news.answer_service._cases = {}
    with pytest.raises(Refused, match="cannot be used"):
        await settle(harness, 1, PASSED)
    assert [each.example.id for each in await groups(harness)] == [1]


# Forgetting, seeing, keeping


async def test_who_is_forgotten_takes_the_answer_along(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await receive(harness, answer(1), answer(2))
    await harness.receive_all("ana", ["forget", "yes"])
    assert await texts(harness) == [None, SAID]
    [row, _] = await harness.rows(select(answers).order_by(answers.c.id))
    assert (row["body"], row["likeness"]) == (None, None)
    assert [each.example.letter for each in await groups(harness)] == [2]
    assert await counted(harness) == AnswerCount(letters=2, genuine=2, waiting=1)
    with pytest.raises(Refused, match="kept no longer"):
        await settle(harness, 1, PASSED)


async def test_what_comes_for_who_is_forgotten_is_kept_nowhere(harness: Harness) -> None:
    await mailed(harness, "ana")
    await harness.receive_all("ana", ["forget", "yes"])
    assert await receive(harness, answer(), answer(number=2)) == (0, 0, 0, 2)
    assert await harness.rows(select(answers)) == []


async def test_who_asks_what_is_kept_gets_it(harness: Harness) -> None:
    await mailed(harness, "ana", "ben")
    await receive(harness, answer(1, SAID), answer(2, "Of nobody else's concern."))
    [kept] = (await harness.data_of("ana"))["answers"]
    assert (kept["text"], kept["status"], kept["kind"]) == (SAID, "new", "genuine")
    assert "concern" not in json.dumps(await harness.data_of("ana", "again"))


@pytest.mark.parametrize(("status", "days"), [(None, 28), (PASSED, 7), (SET_ASIDE, 7)])
async def test_the_text_goes_after_its_days_and_not_before(
    harness: Harness, status: AnswerStatus | None, days: int
) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer())
    if status is not None:
        harness.clock.advance(days=3)
        await settle(harness, 1, status)
    harness.clock.advance(days=days)
    await harness.run_retention()
    assert await texts(harness) == [SAID]
    harness.clock.advance(seconds=1)
    await harness.run_retention()
    assert await texts(harness) == [None]
    assert (await counted(harness)).genuine == 1
    assert await groups(harness) == []


@ON_SQLITE
async def test_of_an_answer_without_text_only_days_are_known(harness: Harness) -> None:
    await mailed(harness, "ana")
    await join(harness, "abel", Role.APPROVER)
    harness.clock.advance(seconds=1234)
    await receive(harness, answer())
    assert (await harness.rows(select(answers.c.told_at)))[0]["told_at"] == harness.clock()
    await settle(harness, 1, PASSED)
    harness.clock.advance(days=8)
    await harness.run_retention()
    [row] = await harness.rows(select(answers.c.received_at, answers.c.settled_at, answers.c.told_at))
    assert {(at.hour, at.minute, at.second) for at in row.values()} == {(0, 0, 0)}


async def test_the_text_of_a_program_s_answer_goes_too(harness: Harness) -> None:
    await mailed(harness, "ana")
    await receive(harness, answer(headers=VACATION))
    harness.clock.advance(days=7, seconds=1)
    await harness.run_retention()
    assert await texts(harness) == [None]


async def test_an_answer_stays_readable_when_the_letter_s_own_text_is_gone(harness: Harness) -> None:
    await mailed(harness, "ana")
    async with harness.store.write() as tx:
        await tx.connection.execute(update(letters).values(ended_at=harness.clock() - timedelta(days=8)))
    await harness.run_retention()
    await receive(harness, answer())
    await settle(harness, 1, PASSED)
    assert len(await told(harness, "ana")) == 1


# Large groups


@ON_SQLITE
async def test_a_large_group_is_passed_on(harness: Harness) -> None:
    people = [f"p{number}" for number in range(store.AT_ONCE + 5)]
    await mailed(harness, *people)
    reader = harness.mail_reader()
    for number in range(1, len(people) + 1):
        await reader.read(answer(number, number=number))
    [group] = await groups(harness)
    assert group.count == len(people)
    pieces = [await settle(harness, group.example.id, PASSED, group.last) for _ in range(3)]
    assert sum(pieces) == len(people)
    await harness.engine().run_until_idle()
    assert all("The office has answered" in harness.last_text_to(person) for person in people)


async def test_many_that_say_the_same_are_passed_on_in_pieces(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SETTLED_AT_ONCE", 2)
    people = ["ana", "ben", "eva", "ida", "leo"]
    await mailed(harness, *people)
    for number in range(1, 6):
        await receive(harness, answer(number, number=number))
    assert [await settle(harness, 3, PASSED, same_up_to=5) for _ in range(3)] == [2, 2, 1]
    with pytest.raises(Refused, match="passed already"):
        await settle(harness, 3, PASSED, same_up_to=5)
    assert [len(await told(harness, each)) for each in people] == [1] * 5
