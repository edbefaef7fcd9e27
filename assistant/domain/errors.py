"""What can go wrong, as a value: every outside failure is told in these terms and no other."""


class Failure(Exception):
    """Something outside our code did not work.

    `reason` is one sentence for the operator: what happened and which setting or file to look at. It
    never holds a name, an address, a text or a token.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        uncertain: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """`permanent`: it must not be tried again. `uncertain`: it may have happened all the same.

        `retry_after`: seconds to wait before trying again, where the other side named them.
        """
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.uncertain = uncertain
        self.retry_after = retry_after


class Throttled(Failure):
    """The platform wants no more from our account for `retry_after` seconds.

    `replies`: answers are meant too, not only what goes to many. `note`: what an operator needs to end it.
    """

    def __init__(
        self,
        reason: str,
        retry_after: float,
        *,
        replies: bool = False,
        uncertain: bool = False,
        note: str | None = None,
    ) -> None:
        super().__init__(reason, uncertain=uncertain, retry_after=retry_after)
        self.replies = replies
        self.note = note


class ChatThrottled(Failure):
    """The platform wants no more from us in this one chat for now.

    Said of several chats in a short time it is about our account, which then rests for `account_pause`
    seconds: see `domain.throttling`. `retry_after`: how long this chat rests, once that is decided.
    """

    def __init__(
        self,
        reason: str,
        account_pause: float,
        *,
        uncertain: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason, uncertain=uncertain, retry_after=retry_after)
        self.account_pause = account_pause


class Busy(Failure):
    """The way is not free now, whatever is sent over it: the line is busy, nobody answers.

    Trying again costs nothing and uses up no attempts.
    """


class Down(Busy):
    """The other side cannot be reached at all: nothing else needs to be tried on it for `retry_after`."""

    def __init__(self, reason: str, retry_after: float = 60.0) -> None:
        super().__init__(reason, retry_after=retry_after)


class Moved(Failure):
    """The chat has another address now: `person`."""

    def __init__(self, reason: str, person: str) -> None:
        super().__init__(reason)
        self.person = person


class Unreachable(Failure):
    """The person can no longer be written to: they blocked us, or their account is gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


class Misconfigured(Failure):
    """An operator has to change a setting or a file before this can work: it is waited for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class NotInstalled(Misconfigured):
    """There is no database of ours where it was looked for, and whoever looked must not make one."""


class ServerAway(Failure):
    """The database's server does not answer, or lets nobody in yet: it may come by itself.

    Whatever fails for that works again as soon as it does.
    """


class Refused(Failure):
    """It cannot be done, or not by this person, or not any more. Nothing has changed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)
