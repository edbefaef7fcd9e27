"""A message edited afterwards: the answer that it gave becomes what the message says now."""

from dataclasses import replace

from assistant.dialogue.stage import Stage
from assistant.dialogue.state import Answered, Asked
from assistant.dialogue.talk import Finished, Waiting
from assistant.domain.messages import TextMessage


def correct(stage: Stage, ref: str, text: str) -> None:
    """Take `text` as what the message `ref` says. Nothing changes where it gave no answer that counts."""
    for place, frame in reversed(tuple(enumerate(stage.frames))):
        if before := frame.given_by(ref):
            return _change(stage, place, before, TextMessage(text, ref))
    if stage.frames or stage.person.letters:  # not to who has been forgotten, or was never here
        stage.decline(stage.script.phrases.stale())
    return None


def _change(stage: Stage, place: int, before: Answered, given: TextMessage) -> None:
    frame = stage.frames[place]
    asked = _asked_again(stage, place, before)
    if asked is None or _is_command(stage, given.text, asked):
        return stage.decline(stage.script.phrases.stale())
    taken = stage.rehearse(place, asked.frame, given)
    if not taken.accepted or _does_something(taken):
        return _ask_again(stage, place, asked, taken)
    now = taken.frame.answer(before.name)
    if now is not None and now.value == before.value:
        return None
    # The question that was open stays open, with what was suggested and refused there.
    stage.frames[place] = replace(taken.frame, asked=frame.asked, redoing=frame.redoing)
    stage.accepted = True
    return stage.repeat(stage.script.phrases.corrected())


def _asked_again(stage: Stage, place: int, before: Answered) -> Waiting | None:
    """The question of that answer as if it were open; None where it is not asked any more."""
    again = replace(stage.frames[place].redo(before.name), asked=Asked(before.name, "", before.offered))
    asked = stage.rehearse(place, again)
    return asked if isinstance(asked, Waiting) and asked.path[-1] == before.name else None


def _is_command(stage: Stage, text: str, asked: Waiting) -> bool:
    """Whether it would not have been taken as an answer when it was asked."""
    if text.lstrip().startswith("/"):
        return True
    command = stage.script.command(text, team=stage.of_the_team)
    if command is None and not asked.answer.in_own_words:
        command = stage.script.polite_command(text, team=stage.of_the_team)
    return command is not None and not asked.answer.exactly(text, asked.reading)


def _does_something(taken: Waiting | Finished) -> bool:
    """A letter is not sent by an edit of an earlier answer: what would be sent is shown first."""
    return isinstance(taken, Finished) and bool(taken.effects)


def _ask_again(stage: Stage, place: int, asked: Waiting, taken: Waiting | Finished) -> None:
    """Go back to the question; *back* brings the old answer again. What waits below is left as it is."""
    if place < len(stage.frames) - 1:
        stage.decline(stage.script.phrases.stale())
    elif isinstance(taken, Waiting):
        stage.refuse(taken)
    else:
        stage.frames[-1] = replace(asked.frame, asked=None)
        stage.repeat()
