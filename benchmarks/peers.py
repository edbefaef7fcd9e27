"""Every comparison with somebody else's program, in one run: one table of ratios at its end.

    python -m benchmarks.peers [--letters 500] [--people 100000]

By CPU: the same ratio for a second of processor time, with that of a database server. It varies less than the
other one on a machine that is busy with other work.
"""

import argparse
import asyncio
import os

from assistant.runtime import calm_collector
from benchmarks import bench_broadcast, bench_mailroom, bench_telegram
from benchmarks.comparisons import table


async def main(wanted: argparse.Namespace) -> None:
    calm_collector()
    before = os.getloadavg()[0]
    found = [
        *await bench_telegram.compare(wanted.at_once),
        *await bench_mailroom.compare(wanted.letters),
        *await bench_broadcast.compare(wanted.people, wanted.rounds),
    ]
    print(f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after, on {os.cpu_count()} cores")
    table(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=100, help="people who write at any time")
    parser.add_argument("--letters", type=int, default=500)
    parser.add_argument("--people", type=int, default=100_000, help="readers of a broadcast")
    parser.add_argument("--rounds", type=int, default=3, help="of addressing it")
    asyncio.run(main(parser.parse_args()))
