"""What we do beside what does the same without us: measured by turns in one run, and read as a ratio."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType


class Stopwatch:
    """Measures the block that it is entered for, in seconds, and in seconds of a core.

    `own`: of this process; `others`: of those that work for it.
    """

    def __init__(self, others: Callable[[], float] = lambda: 0.0) -> None:
        """`others`: seconds of a core that they have used so far."""
        self._others = others
        self.seconds = self.own = self.others = 0.0

    @property
    def cpu(self) -> float:
        """All seconds of a core."""
        return self.own + self.others

    def __enter__(self) -> "Stopwatch":
        self.others, self.own, self.seconds = -self._others(), -time.process_time(), -time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds += time.perf_counter()
        self.own += time.process_time()
        self.others += self._others()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Rates of each round, ours and those of a peer. `by_cpu`: the ratio for a second of processor time."""

    what: str
    peer: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    unit: str
    by_cpu: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the peer's rate ours is: the median of the rounds' ratios."""
        return median_ratio(self.ours, self.theirs)


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Of rounds that were measured side by side."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def table(comparisons: Sequence[Comparison]) -> None:
    """Print them, a line each."""
    wide = max(len(each.what) for each in comparisons) + 2
    print(f"{'ours':{wide}}{'beside':26}{'ours':>9}{'theirs':>9}  {'':12}{'ratio':>6}{'by CPU':>8}")
    for each in comparisons:
        mine, other = statistics.median(each.ours), statistics.median(each.theirs)
        by_cpu = "" if each.by_cpu is None else f"{each.by_cpu:.2f}"
        print(
            f"{each.what:{wide}}{each.peer:26}{mine:>9,.0f}{other:>9,.0f}  {each.unit:12}"
            f"{each.ratio:>6.2f}{by_cpu:>8}"
        )
