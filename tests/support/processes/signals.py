"""How processes take signals that tests start."""

import signal


def default_signals() -> None:
    """For `preexec_fn`: no signal is ignored in a process because it is where the tests were started.

    `nohup` ignores SIGHUP, and a shell SIGINT for what it starts in the background; both are inherited.
    """
    for each in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
