"""What the texts of a case are, that people read."""

from enum import StrEnum


class Part(StrEnum):
    """Of a case, or of one of its actions."""

    TITLE = "title"
    BRIEFING = "briefing"
    ASKS = "asks"
    ACTION_BRIEFING = "action briefing"
    ACTION_DAY = "action day"
    LETTER = "letter"
    SUBJECTS = "subjects"
    SHARE = "share"
    FOLLOW = "follow"
    UPDATE = "update"
    CLOSED = "closed"
    QUESTIONS = "questions"
