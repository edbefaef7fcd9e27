"""The tables. Personal columns hold bytes sealed by `crypto.py`; everything else is readable, for counts.

`mac`: the code of a row that gives power, see `authenticity.py`.
"""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.likeness import LIKENESSES

metadata = MetaData()
REVISION = "0036"  # the newest migration


class Moment(TypeDecorator[datetime]):
    """A point in time, UTC, to the millisecond; one whole number on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def has(column: ColumnElement[str], *statuses: StrEnum) -> ColumnElement[bool]:
    """Whether the column holds one of these statuses, written out: with a bound value SQLite could not tell
    that a partial index serves, and PostgreSQL could not once it has prepared the statement."""
    words: list[ColumnElement[str]] = [literal_column(f"'{status.value}'") for status in statuses]
    return column == words[0] if len(words) == 1 else column.in_(words)


def day_of(moment: Column[datetime]) -> ColumnElement[datetime]:
    """The beginning of its day, UTC, of rows of its own table."""
    return literal_column(f"{moment.name} - {moment.name} % {DAY}", moment.type)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of those rows only for which `where` holds: the ones that are looked for."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


_FORGOTTEN = "status IN ('queued', 'retry_wait') AND body IS NULL"
_ENDED = "status IN ('delivered', 'sent', 'failed', 'cancelled') AND body IS NOT NULL"
DAY = 86_400_000  # milliseconds
_TIMED = f"status IN ('delivered', 'sent', 'failed', 'cancelled') AND ended_at % {DAY} <> 0"
_TIMED_MESSAGES = f"status IN ('sent', 'failed', 'unknown') AND due_at % {DAY} <> 0"
_UNPRINTED = "status = 'submitted' AND reference IS NULL AND print_run IS NULL"
_UNFINISHED = "status IN ('queued', 'held', 'submitting', 'submitted', 'retry_wait', 'uncertain')"
_MADE_OF = ("case_slug", "action_slug", "target_slug", "version")
_IN_REVIEW = "review <> '' AND status = 'held'"
_KEPT = "body IS NOT NULL"
_WITH_CARRIERS = f"status IN ('submitted', 'uncertain') AND {_KEPT}"
_HELD_WITH_TEXT = f"status = 'held' AND {_KEPT}"
_OPEN = "status IN ('draft', 'proposed', 'approved', 'sending', 'halted')"
RowId = BigInteger().with_variant(Integer, "sqlite")

chats = Table(
    "chats",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("lookup", LargeBinary, nullable=False, unique=True),  # keyed digest of the address
    Column("key", LargeBinary, nullable=False),  # the chat's own key, wrapped
    Column("line", String(200), key="account", nullable=False),  # `Account`: older databases call it a line
    Column("address", LargeBinary, nullable=False),
    Column("language", String(35)),
    Column("country", String(2)),
    # They live where it may be dangerous to write.
    Column("careful", Boolean, nullable=False, server_default=text("false")),
    Column("state", LargeBinary),
    Column("recent", Text, nullable=False),  # keyed digests of its last messages, so that none counts twice
    Column("created_on", Date, nullable=False),
    Column("active_on", Date, nullable=False),
    Column("blocked_on", Date),  # since when they have blocked us; empty: they have not
    Column("asked_on", Date),  # when they were asked whether they still want the news, and have not answered
    Column("forgotten", Boolean, nullable=False),  # lives only until its last message has left
    # A group, told once what we are.
    Column("crowd", Boolean, key="group_chat", nullable=False, server_default=text("false")),
    # Letters that the same address wrote before it was forgotten, see `forgetting.py`.
    Column("written_before", Text, nullable=False, server_default=text("''")),
    _partial("chats_recent", "active_on", where="recent <> ''"),
    _partial("chats_drafts", "active_on", where="state IS NOT NULL"),
    Index("chats_by_activity", "active_on"),
    _partial("chats_blocked", "blocked_on", where="blocked_on IS NOT NULL"),
    _partial("chats_careful", "id", where="careful"),
    _partial("chats_forgotten", "id", where="forgotten"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("case_slug", String(64), primary_key=True),
    Column("since", Date, nullable=False),
    Index("subscriptions_by_case", "case_slug", "chat_id"),
)

source_counts = Table(  # of chats that were begun by the operator's links
    "source_counts",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("chats", Integer, nullable=False),
)

steps = Table(  # that people reached on the way to a letter: see `domain.steps`
    "steps",
    metadata,
    Column("case_slug", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("step", String(20), primary_key=True),
    Column("count", Integer, nullable=False),
)

tombstones = Table(  # of chats that were forgotten: an older copy of the database does not bring them back
    "tombstones",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # keyed, of the chat's address and number
    Column("since", Date, nullable=False),
    sqlite_autoincrement=True,
)

past_messages = Table(  # of who was forgotten: one that is delivered once more begins nothing
    "past_messages",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # keyed, of the address and the message's id
    Column("until", Date, nullable=False),
    Index("past_messages_until", "until"),
)

past_letters = Table(  # of who was forgotten: nobody writes twice to the same office
    "past_letters",
    metadata,
    Column("writer", LargeBinary, primary_key=True),  # keyed digest of the address
    Column("case_slug", String(64), primary_key=True),
    Column("action_slug", String(64), primary_key=True),
    Column("target_slug", String(64), primary_key=True),
    Column("until", Date, nullable=False),
    Index("past_letters_until", "until"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("epoch", BigInteger, nullable=False),  # raised by whoever takes the lane
    Column("next_at", Moment),  # when there is something to do; empty: nothing
    Column("paused_until", Moment),
    Column("note", Text),  # why it is paused, and what an operator needs to end that
    Column("held_by", String(100)),  # the process that works on it: see `processes`
    Column("held_until", Moment),  # real time; from then on any process may take it
    # Of replies each process has a lane of its own, so that it can send them at once.
    Column("slot", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("kind", "name", "slot"),
    Index("lanes_due", "next_at"),
    sqlite_autoincrement=True,
)

processes = Table(  # that work on this database; their times are real ones, also in a rehearsal
    "processes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("place", String(100), nullable=False),  # the same for those that can see each other
    Column("pid", Integer, nullable=False),
    Column("role", String(20), nullable=False),
    Column("engine", String(20), nullable=False),
    Column("version", String(40), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    # Numbers of wrapping keys: the newest one that it has, and the one that it wraps with.
    Column("newest_key", BigInteger, nullable=False, server_default=text("0")),
    Column("active_key", BigInteger, nullable=False, server_default=text("0")),
    sqlite_autoincrement=True,
)

letters = Table(
    "letters",
    metadata,
    Column("id", RowId, primary_key=True),
    # What names the letter to carriers: a keyed digest to find it by, and sealed.
    Column("key", String(100), nullable=False, unique=True),
    Column("sealed_key", LargeBinary),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="SET NULL")),
    Column("lane_id", RowId, ForeignKey("lanes.id"), nullable=False),
    Column("case_slug", String(64), nullable=False),
    Column("action_slug", String(64), nullable=False, server_default=text("'letter'")),
    Column("target_slug", String(64), nullable=False, server_default=text("'office'")),
    Column("country", String(2), nullable=False),
    Column("language", String(35), nullable=False),
    Column("route", String(200), nullable=False),
    Column("body", LargeBinary),  # name, line and text
    Column("status", String(20), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    # The carrier's own name for it, in the same way.
    Column("reference", String(200)),
    Column("sealed_reference", LargeBinary),
    Column("print_run", String(200)),  # by post: the run that it was printed in
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),  # not handed over before; empty: it is with its carrier, or has ended
    Column("look_at", Moment),  # with its carrier: when to ask about it
    Column("ended_at", Moment),  # delivered, sent, failed or cancelled: since when
    Column("left_at", Moment),  # when it was last handed to a carrier
    # Its carrier is about to have it, or may have it: see `carriers.base.Telling`.
    Column("telling", Boolean, nullable=False, server_default=text("false")),
    # Owners, that it is uncertain.
    Column("team_told", Boolean, nullable=False, server_default=text("false")),
    Column("told", Boolean, nullable=False, server_default=text("false")),  # its writer, of what became of it
    # Its writer, that it waits because the case or the action is paused.
    Column("told_paused", Boolean, nullable=False, server_default=text("false")),
    Column("version", String(16)),  # of the text that it was made of; empty: written before that was noted
    Column("asked_at", Moment),  # since when its writer is asked to confirm a new text
    Column("reminded", Boolean, nullable=False, server_default=text("false")),  # its writer, of that
    Column("restored_at", Moment),  # since when it is of an older database, and may have been sent since
    # What was found in it, see `review.Found`, while it waits until somebody has read it; empty: it does not.
    Column("review", String(200), nullable=False, server_default=text("''")),
    # By which of the operator's links its writer came; empty: by none of them.
    Column("source", String(20), nullable=False, server_default=text("''")),
    # Its office gets others first: it came when new chats had spent what they may write in an hour.
    Column("behind", Boolean, nullable=False, server_default=text("false")),
    _partial("letters_due", "lane_id", "due_at", where="status IN ('queued', 'retry_wait')"),
    _partial("letters_behind", "lane_id", "due_at", where="behind AND status IN ('queued', 'retry_wait')"),
    _partial("letters_forgotten", "lane_id", where=_FORGOTTEN),
    _partial("letters_submitting", "lane_id", where="status = 'submitting'"),
    _partial("letters_uncertain", "id", where="status = 'uncertain'"),
    _partial("letters_submitted", "lane_id", "look_at", where="status = 'submitted'"),
    _partial("letters_left", "lane_id", "left_at", where="left_at IS NOT NULL"),
    _partial("letters_ended", "ended_at", where=_ENDED),
    _partial("letters_timed", "ended_at", where=_TIMED),
    _partial("letters_by_reference", "reference", where="reference IS NOT NULL"),
    Index("letters_by_chat", "chat_id"),
    _partial("letters_by_source", "source", where="source <> ''"),
    Index("letters_by_case", "case_slug", "status", "country", "source"),  # to count them without the rest
    _partial("letters_waiting", *_MADE_OF, where="status IN ('queued', 'retry_wait')"),
    _partial("letters_unprinted", *_MADE_OF, where=_UNPRINTED),
    _partial("letters_unfinished", "status", where=_UNFINISHED),
    _partial("letters_held", "lane_id", "asked_at", where="status = 'held'"),
    _partial("letters_held_since", "created_at", where=_HELD_WITH_TEXT),
    _partial("letters_with_carriers", "left_at", where=_WITH_CARRIERS),
    _partial("letters_review", "id", where=_IN_REVIEW),
    _partial("letters_restored", "id", where="restored_at IS NOT NULL AND status = 'held'"),
    _partial(
        "letters_one_each",
        "chat_id",
        "case_slug",
        "action_slug",
        "target_slug",
        where="status <> 'cancelled'",
        unique=True,
    ),
    sqlite_autoincrement=True,
)

UNPRINTED = (
    has(letters.c.status, LetterStatus.SUBMITTED)
    & letters.c.reference.is_(None)
    & letters.c.print_run.is_(None)
)
"""A letter by post that waits to be printed: with its carrier, but with nobody but us."""

letters_of_newcomers = Table(  # whose chats were new; for two days
    "letters_of_newcomers",
    metadata,
    Column("letter_id", RowId, ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True),
    Column("lane_id", RowId, nullable=False),
    Column("case_slug", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    # Keyed digests of its line, see `likeness.py`: lines that are alike have most of them in common.
    *(Column(f"likeness_{place}", BigInteger) for place in range(LIKENESSES)),
    Column("passed", Boolean, nullable=False, server_default=text("false")),  # somebody let its line go
    Index("letters_of_newcomers_by_lane", "lane_id", "at"),
    Index("letters_of_newcomers_by_case", "case_slug", "at"),
    _partial("letters_of_newcomers_passed", "case_slug", "at", where="passed"),
    Index("letters_of_newcomers_by_time", "at"),
)

letter_versions = Table(  # of texts that letters are made of, and whether they still say what is true
    "letter_versions",
    metadata,
    Column("case_slug", String(64), primary_key=True),
    Column("action_slug", String(64), primary_key=True),
    Column("target_slug", String(64), primary_key=True),
    Column("version", String(16), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("since", Moment, nullable=False),
    Column("update_slug", String(100)),  # the news that tells what has changed; empty: none does
    # A letter of an invented person, while somebody may still want to compare it; empty: not kept.
    Column("text", Text),
)

action_counts = Table(  # of letters, counted when it is known: the letters are too many to count
    "action_counts",
    metadata,
    Column("case_slug", String(64), primary_key=True),
    Column("action_slug", String(64), primary_key=True),
    Column("arrived", Integer, nullable=False),
)

counter_leaves = Table(  # of letters that were delivered: see `counter.py`
    "counter_leaves",
    metadata,
    Column("leaf", LargeBinary, primary_key=True),  # the hash of its code, which is a keyed digest
    Column("case_slug", String(64), nullable=False),
    Column("day", Date),  # on which it was delivered, UTC; empty: it is in a batch
    Column("batch", Integer),  # the number of its batch; empty: that is still to be made
    _partial("counter_leaves_waiting", "case_slug", "day", where="batch IS NULL"),
    _partial("counter_leaves_published", "case_slug", "batch", "leaf", where="batch IS NOT NULL"),
    sqlite_with_rowid=False,  # nor is there any other number: it would tell the order of the letters
)

counter_batches = Table(  # as they are published
    "counter_batches",
    metadata,
    Column("case_slug", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("count", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("before", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

letter_log = Table(
    "letter_log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("letter_id", RowId, ForeignKey("letters.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Index("letter_log_by_letter", "letter_id", "id"),
    sqlite_autoincrement=True,
)

answers = Table(  # of offices, to letters
    "answers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("letter_id", RowId, ForeignKey("letters.id", ondelete="CASCADE"), nullable=False),
    Column("identity", LargeBinary, nullable=False),  # keyed digest of the mail, so that none counts twice
    Column("received_at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("settled_at", Moment),  # passed on or set aside: since when
    Column("body", LargeBinary),  # what it says; empty: kept no longer
    Column("likeness", LargeBinary),  # keyed digest: the same for answers that say the same
    Column("told_at", Moment),  # when organisers were told of this one, and of all before it
    UniqueConstraint("letter_id", "identity"),
    _partial("answers_new", "likeness", "id", where=f"status = 'new' AND {_KEPT}"),
    _partial("answers_waiting", "id", where=f"status = 'new' AND {_KEPT}"),
    _partial("answers_told", "told_at", where="told_at IS NOT NULL"),
    _partial("answers_kept", "received_at", where=_KEPT),
    sqlite_autoincrement=True,
)

organisers = Table(
    "organisers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("name", LargeBinary, nullable=False),  # what the team calls them
    Column("mac", String(32)),
    sqlite_autoincrement=True,
)

invitations = Table(
    "invitations",
    metadata,
    Column("code", LargeBinary, primary_key=True),  # keyed digest of it
    Column("role", String(20), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("mac", String(32)),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # keyed, of the secret in the link
    Column("organiser", RowId, ForeignKey("organisers.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("mac", String(32)),
)

sessions = Table(  # browsers in which organisers are signed in
    "sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # keyed, of the secret in the cookie
    Column("organiser", RowId, ForeignKey("organisers.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("mac", String(32)),
    Index("sessions_by_organiser", "organiser"),
    sqlite_autoincrement=True,
)

requests = Table(  # what takes two persons, and has one so far
    "requests",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("what", String(20), nullable=False),
    Column("subject", String(64).with_variant(String(140), "postgresql"), nullable=False),
    Column("value", String(20), nullable=False),
    Column("author", RowId),  # a number of an organiser
    Column("expires_at", Moment, nullable=False),
    Column("mac", String(32)),
    UniqueConstraint("what", "subject", "value"),
    sqlite_autoincrement=True,
)

office_routes = Table(  # the addresses of offices to which letters may go
    "office_routes",
    metadata,
    Column("case_slug", String(64), primary_key=True),
    Column("target_slug", String(64), primary_key=True),
    Column("routes", Text, nullable=False),  # JSON, as case folders write them, in order
    Column("told", String(32), nullable=False),  # digest of others that approvers know of; empty: of none
    Column("mac", String(32)),
)

pauses = Table(
    "pauses",
    metadata,
    Column("subject", String(64), primary_key=True),  # a case, or an action of one, as in links
    Column("paused_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),  # no gaps
    Column("at", Moment, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),  # over this row and the mac of the one before it
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_slug", String(64), nullable=False),  # empty: of no single case
    Column("action_slug", String(64)),  # empty: of no single action
    Column("update_slug", String(100)),  # of the case folder, which has one broadcast at most; empty: of none
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),  # worthless from then on
    Column("kind", String(20), nullable=False, server_default=text("'update'")),
    Column("status", String(20), nullable=False, server_default=text("'sending'")),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("announcement", Text),  # JSON; empty: sent by an earlier version
    Column("digest", String(32), nullable=False, server_default=text("''")),
    Column("author", RowId),
    Column("approver", RowId),
    Column("starts_at", Moment),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("counted", String(32), nullable=False, server_default=text("''")),  # the digest counted and tested
    Column("counts", Text),  # JSON
    Column("reached", BigInteger),  # the last chat that it was addressed to; empty: all
    Column("recipients", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),  # why it was halted
    Column("mac", String(32)),
    # Who has halted it: a number of an organiser, 0: the assistant itself; empty: the shell, or nobody knows.
    Column("halted_by", RowId),
    UniqueConstraint("case_slug", "update_slug"),
    _partial("broadcasts_open", "id", where=_OPEN),
    _partial("broadcasts_sending", "id", where="status = 'sending'"),
    Index("broadcasts_of_case", "case_slug", "started_at"),
    _partial("broadcasts_ended", "ended_at", where="ended_at IS NOT NULL"),
    sqlite_autoincrement=True,
)

broadcast_texts = Table(
    "broadcast_texts",
    metadata,
    Column("broadcast_id", RowId, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("body", Text, nullable=False),
    Column("footer", Text, nullable=False, server_default=text("''")),  # how to get no more
    Column("outcome", Text),  # said between them to those who have written a letter
    Column("button", Text),  # JSON: mark, value, label, word
    Column("mac", String(32)),
)

tallies = Table(  # what became of copies, counted when it is known: the messages are too many to count
    "tallies",
    metadata,
    Column("broadcast_id", RowId, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True),
    Column("lane_id", RowId, primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("reason", String(300), primary_key=True),
    Column("count", Integer, nullable=False),
)

watchers = Table(  # the messages that show organisers how far a broadcast is
    "watchers",
    metadata,
    Column("broadcast_id", RowId, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", RowId, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("lane_id", RowId, ForeignKey("lanes.id"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("status", String(20), nullable=False),
    Column("epoch", BigInteger, nullable=False),  # of the lane, by whoever is sending it
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("reason", Text),
    # The channel's own id of it, by which people quote it: a keyed digest to find it by, and sealed.
    Column("reference", String(40)),
    Column("sealed_reference", LargeBinary),
    Column("doubtful", Boolean, nullable=False, server_default=text("false")),  # may have been sent twice
    Column("notice", Boolean, nullable=False, server_default=text("false")),  # told unasked, of their letter
    _partial("messages_due", "lane_id", "due_at", "id", where="status = 'queued'"),
    _partial("messages_open", "chat_id", "id", where="status IN ('queued', 'sending')"),
    _partial("messages_sending", "lane_id", where="status = 'sending'"),
    _partial("messages_timed", "due_at", where=_TIMED_MESSAGES),
    _partial("messages_over", "due_at", where="status IN ('sent', 'failed', 'unknown')"),
    Index("messages_by_chat", "chat_id"),
    sqlite_autoincrement=True,
)

copies = Table(  # of broadcasts; without foreign keys, see `copies.py`
    "copies",
    metadata,
    Column("broadcast_id", RowId, primary_key=True, autoincrement=False),
    Column("chat_id", RowId, primary_key=True, autoincrement=False),
    Column("lane_id", RowId, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # of the lane, by whoever is sending it
    Column("attempts", SmallInteger, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text),
    Column("reference", String(40)),  # keyed digest of the channel's own id of it, by which people quote it
    _partial("copies_due", "lane_id", "broadcast_id", "due_at", "chat_id", where="status = 'queued'"),
    _partial("copies_sending", "lane_id", where="status = 'sending'"),
    sqlite_with_rowid=False,
)

transcripts = Table(  # of chats whose channel keeps nothing for people
    "transcripts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),  # in its chat, from 1: pages name it so
    Column("theirs", Boolean, nullable=False),  # the person has said it
    Column("body", LargeBinary, nullable=False),
    Column("day", Date, nullable=False),
    Column("seen", Boolean, nullable=False),  # somebody has looked since
    UniqueConstraint("chat_id", "number"),
    Index("transcripts_by_day", "day"),
    sqlite_autoincrement=True,
)

move_codes = Table(  # by which chats move to other channels
    "move_codes",
    metadata,
    Column("code", LargeBinary, primary_key=True),  # keyed digest of it
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("move_codes_by_chat", "chat_id"),
)

generation = Table(  # one row: how often this database was seen at work, to notice an older one
    "generation",
    metadata,
    Column("number", BigInteger, nullable=False),
    Column("raised_at", Moment),  # by the real clock; empty: never
)

webhook_deliveries = Table(  # what endpoints are still to be told
    "webhook_deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("endpoint", String(80), nullable=False),  # its name: the address stands in the settings alone
    Column("event", String(40), nullable=False),  # the same for every endpoint and every attempt
    Column("type", String(40), nullable=False),
    Column("body", Text, nullable=False),  # as it is signed and sent
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("outcome", String(20)),  # of the last attempt; empty: it is under way, or there was none
    Index("webhook_deliveries_due", "endpoint", "due_at"),
    Index("webhook_deliveries_made", "made_at"),
    sqlite_autoincrement=True,
)

webhook_attempts = Table(  # of each endpoint the newest one of each kind
    "webhook_attempts",
    metadata,
    Column("endpoint", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),  # delivered, failed, tested, gone
    Column("at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", SmallInteger),  # of HTTP; empty: there was no answer
)

vault = Table("vault", metadata, Column("proof", LargeBinary, nullable=False))

PERSONAL = (chats, letters, answers, messages, copies, transcripts, subscriptions)
"""Where something of a person stands, or did until they were forgotten."""
