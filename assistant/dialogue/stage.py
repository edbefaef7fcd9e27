"""The conversations under way while a turn is taken: playing them, and what is said meanwhile."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from assistant.dialogue.answers import NoLine, NoName, Several, Unsure
from assistant.dialogue.script import Script
from assistant.dialogue.state import Answered, Frame, State
from assistant.dialogue.talk import Finished, Person, Scene, Waiting, play, spoken
from assistant.domain.effects import Begin, Effect, Forget, HandOn, SetLanguage, Withdraw
from assistant.domain.messages import Press, Reply, TextMessage
from assistant.domain.texts import Paragraphs, Text

CHAIN_MAX = 20  # conversations begun in one turn: more is a loop in our own code


class Stage:
    """`frames` are the conversations under way, the one being held last; the rest is what a turn led to."""

    def __init__(self, script: Script, person: Person, state: State) -> None:
        self.script = script
        self.person = person
        self.frames = [frame for frame in state.frames if self._still_known(frame)]
        # What was asked last was about a case that is gone: an answer to it is none to what waits below.
        self.question_is_gone = (
            bool(self.frames)
            and self.frames[-1] is not state.frames[-1]
            and state.frames[-1].conversation in script.conversations
        )
        self.replies: list[Reply] = []
        self.effects: list[Effect] = []
        self.accepted = False
        self._carried: list[Markup] = []  # what a conversation said that begins another: it asks next
        self._played: list[tuple[Scene, Frame, Waiting | Finished]] = []  # in this turn, without an answer
        self._tongue = script.locale(person.language) or script.default_locale

    @property
    def of_the_team(self) -> bool:
        """Whether the person is an organiser."""
        return self.person.team is not None

    # Asking

    def go_on(self, given: TextMessage | Press | None = None) -> None:
        """Play until a question waits, or until nothing is left to be said. Raises Stale as `play` does."""
        interrupting = False
        for _ in range(CHAIN_MAX):
            if not self.frames:
                return self._tell()
            if interrupting:
                return self.repeat()
            played = self.play(given)
            given = None
            self.accepted = self.accepted or played.accepted
            if isinstance(played, Waiting):
                return self._wait(played)
            interrupting = not self._finish(played)
            handed_on = (each for each in played.effects if isinstance(each, HandOn))
            given = next((TextMessage(each.text, each.ref, meant=True) for each in handed_on), None)
            interrupting = interrupting and given is None
        raise RecursionError("conversations begin each other without end")

    def repeat(self, because: Text | None = None, *, whole: bool = False) -> None:
        """Ask the open question again, with a word before it. `whole`: with all that belongs to it."""
        played = self.play()
        if isinstance(played, Finished):
            if because:
                self.say(because)
            return self.go_on()
        shown_with_it = played.said if whole or played.frame.asked != self.frames[-1].asked else ()
        return self._ask(played, because, shown_with_it)

    def refuse(self, waiting: Waiting) -> None:
        """Ask the question again whose answer could not be taken, and say why."""
        self._ask(waiting, self._explain(waiting))

    def decline(self, because: Text, *, whole: bool = False) -> None:
        """Say why nothing comes of a message, and ask the open question again where there is one."""
        if self.frames:
            self.repeat(because, whole=whole)
        else:
            self.say(because)

    def say(self, said: Text) -> None:
        """Say something that belongs to no conversation."""
        self._tell(Reply(said.render(self._tongue)))

    # Playing

    def play(self, given: TextMessage | Press | None = None) -> Waiting | Finished:
        """What the conversation being held comes to; nothing changes. Raises Stale.

        It is played once: several rules ask what question is open.
        """
        place, frame = len(self.frames) - 1, self.frames[-1]
        if given is not None:
            return self.rehearse(place, frame, given)
        scene = self._scene(place)
        for known_scene, known_frame, outcome in self._played:
            if known_frame is frame and known_scene == scene:
                return outcome
        outcome = play(self.script.conversations[frame.conversation], scene, frame)
        self._played.append((scene, frame, outcome))
        return outcome

    def rehearse(
        self, place: int, frame: Frame, given: TextMessage | Press | None = None
    ) -> Waiting | Finished:
        """What the conversation at that place would come to if it were `frame`. Raises Stale."""
        return play(self.script.conversations[frame.conversation], self._scene(place), frame, given)

    def _scene(self, place: int) -> Scene:
        """Around the conversation at that place."""
        known = self.script
        return Scene(
            person=self.person,
            locale=self._tongue,
            cases=known.cases,
            gazetteer=known.gazetteer,
            typeface=known.typeface,
            retention=known.retention,
            organisation=known.organisation,
            interrupted=self.frames[place - 1] if place else None,
        )

    def drop(self, conversation: str) -> None:
        """Forget a conversation that waits below, because it begins anew: they do not pile up."""
        self.frames = [frame for frame in self.frames if frame.conversation != conversation]

    def make_way(self, command: str) -> tuple[Answered, ...]:
        """Drop what was going on, for a command that begins afresh. Its answer `dropped` names what that was.

        What the team writes to others is not dropped by who stops getting news.
        """
        script, frames = self.script, self.frames
        kept = bool(frames) and command in script.urgent and frames[-1].conversation in script.team
        if command not in script.afresh or kept:
            return ()
        dropped = tuple(Answered("dropped", each.conversation) for each in frames[-1:])
        frames.clear()
        return dropped

    def _wait(self, waiting: Waiting) -> None:
        if waiting.problem is not None:
            return self.refuse(waiting)
        return self._ask(waiting, None, waiting.said)

    def _ask(self, waiting: Waiting, because: Text | None, shown_with_it: tuple[Reply, ...] = ()) -> None:
        self.frames[-1] = waiting.frame
        reason = [because.render(self._tongue)] if because else []
        question = waiting.question
        if waiting.answer.searched and not isinstance(waiting.problem, Several):
            hint = self.script.phrases.can_be_searched()
            question = replace(question, html=Paragraphs((question.html, hint)).render(self._tongue))
        self._tell(*shown_with_it, question, before=reason)

    def _tell(self, *replies: Reply, before: Sequence[Markup] = ()) -> None:
        """Say all that as one message, but for letters on paper: it is `before` that comes first."""
        attached = [each for each in replies if each.attachment]
        texts = [each for each in replies if not each.attachment]
        paragraphs = [*self._carried, *before, *(each.html for each in texts)]
        self._carried.clear()
        self.replies += attached
        if paragraphs:
            last = texts[-1] if texts else Reply(Markup())
            if paragraphs != [last.html]:
                last = replace(last, html=Paragraphs(tuple(paragraphs)).render(self._tongue))
            self.replies.append(last)

    def _explain(self, waiting: Waiting) -> Text:
        if isinstance(waiting.problem, Several):
            return self.script.phrases.several_fit()
        if isinstance(waiting.problem, NoName):
            return self.script.phrases.is_your_name(waiting.problem.values[0])
        if isinstance(waiting.problem, NoLine):
            return self.script.phrases.is_your_sentence(waiting.problem.values[0])
        if isinstance(waiting.problem, Unsure):
            return self.script.phrases.did_you_mean(waiting.problem.values)
        assert waiting.problem is not None  # noqa: S101  for the type checker
        return self.script.phrases.refused(waiting.problem, waiting.fault)

    def _finish(self, played: Finished) -> bool:
        """Leave the conversation on top; True where another one follows it."""
        done = self.frames.pop()
        begun = False
        for effect in played.effects:
            if isinstance(effect, Begin):
                if effect.afresh:
                    self.frames.clear()
                known = tuple(Answered(*each) for each in effect.answers) + self.make_way(effect.conversation)
                self.frames.append(
                    Frame(conversation=effect.conversation, case=effect.case or done.case, answers=known)
                )
                begun = True
            elif not isinstance(effect, HandOn):
                self.effects.append(effect)
                self._notice(effect)
        said = [
            spoken(each, each.render(self._tongue), done.conversation, self._tongue) for each in played.said
        ]
        if begun:
            self._carried += [each.html for each in said]
        else:
            self._tell(*said)
        return begun

    def _notice(self, effect: Effect) -> None:
        if isinstance(effect, SetLanguage):
            self.person = replace(self.person, language=effect.language)
            self._tongue = self.script.locale(effect.language) or self._tongue
        elif isinstance(effect, Withdraw):
            others = tuple(
                each
                for each in self.person.letters
                if each.has_left
                or each.ref.of != effect.action
                or effect.target not in (None, each.ref.target)
            )
            self.person = replace(self.person, letters=others)
        elif isinstance(effect, Forget):
            self.frames.clear()

    def _still_known(self, frame: Frame) -> bool:
        known = self.script
        if frame.conversation not in known.conversations:
            return False
        if frame.conversation in known.team and not self.of_the_team:
            return False
        return frame.about is None or frame.about in known.cases
