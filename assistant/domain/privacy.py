"""What is kept about a person, in kinds that a sentence can name.

`assistant/store/columns.py` says of every column that leads to a person which kind it is, and the chat's
*privacy* says each kind: a test holds them together.
"""

from enum import StrEnum


class Topic(StrEnum):
    """A kind of what is kept about a person."""

    ADDRESS = "address"  # of the chat
    TALK = "talk"  # what was answered to questions, up to the letter
    LETTERS = "letters"  # their texts, with name and line
    MESSAGES = "messages"  # what we write to them
    TRANSCRIPT = "transcript"  # what was said on the web page, by both
    ANSWERS = "answers"  # what offices answer them
    NAME_IN_TEAM = "name in team"
    LANGUAGE = "language"
    COUNTRY = "country"
    NEWS = "news"  # which they get, and got
    WRITTEN = "written"  # to which offices, when, and what became of it
    DAYS = "days"  # on which they wrote, or blocked us
    CHANNEL = "channel"  # Telegram, Signal; and whether the chat is a group
    TEAM = "team"  # what an organiser is and does
    CODES = "codes"  # keyed digests, which name nobody
    NUMBERS = "numbers"  # of rows and processes, for the program only
