"""`assistant doctor`."""

from dataclasses import asdict

import typer

from assistant.cli.output import Json, dump
from assistant.doctor import Finding, examine
from assistant.event_loop import run_in_loop


def doctor(as_json: Json = False) -> None:
    """Check everything that `assistant run` needs, and say what to do where something is wrong.

    Settings, database, keyring, disk, cases, the web address and the clock are looked at; each channel and
    each carrier is really asked, with a login and nothing else: no message, no mail and no fax is sent.
    Nothing is changed or made, and no secret is shown. It can be run beside a running assistant.

    Exit code 1 where anything is wrong.
    """
    found = run_in_loop(examine())
    if as_json:
        dump([asdict(each) for each in found])
    else:
        for each in found:
            _show(each)
    if not all(each.ok for each in found):
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    typer.echo(f"{'ok  ' if finding.ok else 'MEND'}  {finding.check}: {finding.says}")
    if finding.do:
        typer.echo(f"      {finding.do}")
