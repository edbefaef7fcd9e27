"""What we do beside what does the same without us: measured by turns in one run, and read as a ratio."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


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
    print(f"{'ours':44}{'beside':32}{'ours':>10}{'theirs':>10}  {'':14}{'ratio':>8}{'by CPU':>8}")
    for each in comparisons:
        mine, other = statistics.median(each.ours), statistics.median(each.theirs)
        by_cpu = "" if each.by_cpu is None else f"{each.by_cpu:.2f}"
        print(
            f"{each.what:44}{each.peer:32}{mine:>10,.0f}{other:>10,.0f}  {each.unit:14}"
            f"{each.ratio:>8.2f}{by_cpu:>8}"
        )
