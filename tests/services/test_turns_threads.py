"""Where a chat is divided, a reply is said in the part in which it was asked for."""

from dataclasses import replace

from assistant.domain.errors import Failure
from tests.support.harness import Harness


async def test_every_reply_goes_to_the_thread_of_its_message_also_after_a_restart(harness: Harness) -> None:
    incoming = replace(harness.incoming("ana", "hello", language="en"), thread="77")
    harness.channel.faults["ana"].append(Failure("no line"))
    await harness.turns.handle(incoming)
    await harness.outbox.settle()
    assert harness.channel.sent["ana"] == []
    fresh = await harness.restarted()
    harness.clock.advance(minutes=1)
    await fresh.engine().run_until_idle()
    assert {reply.thread for reply in harness.channel.sent["ana"]} == {"77"}
    await fresh.receive("ana", "help")
    assert harness.channel.sent["ana"][-1].thread is None
