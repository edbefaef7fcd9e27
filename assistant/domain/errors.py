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
        """`permanent`: trying again cannot help. `uncertain`: it may have happened all the same.

        `retry_after`: seconds to wait before trying again, where the other side named them.
        """
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.uncertain = uncertain
        self.retry_after = retry_after


class Unreachable(Failure):
    """The person can no longer be written to: they blocked us, or their account is gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


class Misconfigured(Failure):
    """An operator has to change a setting or a file before this can work."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)
