"""The counter as files, and what anybody finds out about them who has nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.dialogue.script import Script
from assistant.domain.counter import Counter, public_key
from assistant.domain.counter_files import BatchLeaves, counter_file, leaves_file, leaves_name, proof_file
from assistant.services.counter import PublishedCounters
from assistant.store import counter
from tests.support.processes.installation import CASE, Completed, Installation
from tests.support.published import OTHER_SEED, SEED, code, proof, publish, signed_anew, with_batches

KEY = public_key(SEED).hex()
SOUND = "The counter of norma-cruz is sound: 33 letters were delivered up to 2012-01-26."


@pytest.fixture
def anybody(tmp_path: Path) -> Installation:
    """Who has the program, an empty folder, and nothing of the campaign's."""
    (tmp_path / "anybody").mkdir()
    return Installation(tmp_path / "anybody")


def write(folder: Path, published: Counter, leaves: dict[int, list[bytes]]) -> Path:
    """The files of a counter, in a folder that is made."""
    folder.mkdir(exist_ok=True)
    (folder / "counter.json").write_text(counter_file(published))
    for number, own in leaves.items():
        (folder / leaves_name(number)).write_text(leaves_file(BatchLeaves(published.case, number, own)))
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A counter of three batches, as somebody got it."""
    return write(tmp_path / "files", *publish(10, 12, 11))


def as_json(done: Completed) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(done.out)
    return found


# What is sound


def test_a_whole_counter_is_looked_at_without_a_code(anybody: Installation, files: Path) -> None:
    done = anybody.call("verify", str(files))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        SOUND,
        "Each batch is signed and follows from the one before it. No letter is counted twice.",
        f"Its key is {KEY}. Compare it with the one that is published elsewhere.",
    ]
    assert list(anybody.folder.iterdir()) == []


def test_with_the_key_from_elsewhere_nothing_is_left_to_compare(anybody: Installation, files: Path) -> None:
    done = anybody.call("verify", str(files), "--key", KEY.upper())
    assert done.code == 0
    assert "Compare" not in done.out


def test_a_letter_is_found_once_by_its_code_however_it_is_typed(anybody: Installation, files: Path) -> None:
    shown = code(15)
    said = "The letter with this code is counted once: in batch 2 (12 letters up to 2012-01-25)."
    names = [str(files / "counter.json"), *(str(files / leaves_name(each)) for each in (1, 2, 3))]
    for typed in ([shown], [shown.lower()], shown.split("-"), [shown.replace("-", "").replace("0", "o")]):
        for given in ([str(files)], names):
            done = anybody.call("verify", *typed, *given, "--key", KEY)
            assert (done.code, done.out.splitlines()[-1]) == (0, said)
    read = anybody.call("verify", "-", str(files), typed=f"{shown}\n")
    assert read.code == 0 and said in read.out


def test_a_code_that_is_not_counted_yet_ends_with_another_exit_code(
    anybody: Installation, files: Path
) -> None:
    done = anybody.call("verify", code(99), str(files), "--key", KEY)
    assert done.code == 3
    assert SOUND in done.out
    assert "No letter with this code is counted up to 2012-01-26." in done.out


def test_a_counter_without_a_letter_is_sound_and_says_so(anybody: Installation, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty", *publish())
    assert "has no letters yet" in anybody.call("verify", str(empty)).out
    done = anybody.call("verify", code(1), str(empty))
    assert (done.code, "is counted yet." in done.out) == (3, True)


def test_programs_get_the_same_as_json(anybody: Installation, files: Path) -> None:
    done = anybody.call("verify", code(15), str(files), "--json")
    whole = {"case": CASE, "key": KEY, "total": 33, "until": "2012-01-26"}
    assert (done.code, as_json(done)) == (0, {**whole, "faults": [], "counted_in": [2]})
    assert as_json(anybody.call("verify", str(files), "--json"))["counted_in"] is None
    assert as_json(anybody.call("verify", code(99), str(files), "--json"))["counted_in"] == []


# What is not


def test_a_counter_of_somebody_else_is_told_by_its_key(anybody: Installation, tmp_path: Path) -> None:
    forged = write(tmp_path / "forged", *publish(10, seed=OTHER_SEED))
    assert anybody.call("verify", str(forged)).code == 0, "by itself it is sound"
    done = anybody.call("verify", str(forged), "--key", KEY)
    assert done.code == 1
    assert "signed with another key than the one that you gave" in done.out


def test_a_letter_that_is_counted_twice_is_told(anybody: Installation, tmp_path: Path) -> None:
    published, leaves = publish(10, 12, 11)
    twice = signed_anew(published, leaves | {3: sorted([*leaves[3], leaves[1][0]])})
    folder = write(tmp_path / "twice", *twice)
    done = anybody.call("verify", str(folder))
    assert (done.code, "In batch 3 a letter is counted that is counted already." in done.out) == (1, True)
    (own,) = [each for each in range(10) if "2 times" in anybody.call("verify", code(each), str(folder)).out]
    found = anybody.call("verify", code(own), str(folder), "--json")
    assert (found.code, as_json(found)["counted_in"]) == (1, [1, 3])


def test_each_fault_is_a_sentence_with_its_batch(anybody: Installation, files: Path, tmp_path: Path) -> None:
    (files / "counter-2.json").unlink()
    assert "The letters of batch 2 are not among the files: get counter-2.json, too." in (
        anybody.call("verify", str(files)).out
    )
    published, leaves = publish(10, 12, 11)
    first, second, third = published.batches
    cut = write(tmp_path / "cut", with_batches(published, [first, second]), leaves)
    changed = write(tmp_path / "changed", published, leaves | {2: leaves[2][1:]})
    swapped = write(tmp_path / "swapped", with_batches(published, [first, third, second]), leaves)
    for folder, said in (
        (cut, "There are letters of batch 3, and the counter has no such batch"),
        (changed, "Batch 2 has more letters, or fewer, than it says."),
        (changed, "The letters of batch 2 are not those that were signed."),
        (swapped, "Batch 3 does not follow from the one before it"),
        (swapped, "Batch 2 ends before the one before it."),
    ):
        done = anybody.call("verify", str(folder))
        assert done.code == 1
        assert said in done.out


def test_who_kept_a_counter_sees_that_the_past_was_changed(anybody: Installation, tmp_path: Path) -> None:
    published, leaves = publish(10, 12)
    kept = write(tmp_path / "kept", published, leaves)
    later = write(tmp_path / "later", *publish(10, 12, 11))
    earlier = ["--earlier", str(kept / "counter.json")]
    assert anybody.call("verify", str(later), *earlier).code == 0
    anew = write(tmp_path / "anew", *signed_anew(published, {1: leaves[1][1:], 2: leaves[2]}))
    done = anybody.call("verify", str(anew), *earlier)
    assert done.code == 1
    assert "Batch 1 was another one when you kept it, or is gone: the past was changed." in done.out
    other = write(tmp_path / "other", *publish(10, 12, case="alma-rivas"))
    assert "What you kept is another counter" in anybody.call("verify", str(other), *earlier).out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("counter.json", "{", "it is not JSON"),
        ("counter.json", "{}", "no file of a counter"),
        (
            "counter-3.json",
            leaves_file(BatchLeaves("alma-rivas", 3, [])),
            "of several cases: alma-rivas, norma",
        ),
        ("counter-9.json", leaves_file(BatchLeaves(CASE, 2, [])), "other letters of batch 2"),
        ("counter-9.json", counter_file(publish()[0]), "a second counter"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    anybody: Installation, files: Path, name: str, content: str, said: str
) -> None:
    (files / name).write_text(content)
    done = anybody.call("verify", str(files))
    assert done.code == 1
    assert said in done.sentence


# Proofs


def test_a_proof_shows_without_the_others_that_a_letter_is_counted(
    anybody: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_text(proof_file(proof(15)))
    done = anybody.call("verify", code(15), str(file), "--key", KEY)
    assert done.code == 0
    assert "counted in batch 2 of norma-cruz (12 letters up to 2012-01-25)" in done.out
    assert as_json(anybody.call("verify", code(15), str(file), "--json"))["counted_in"] == [2]
    other = anybody.call("verify", code(16), str(file))
    assert (other.code, "not of the letter with this code" in other.out) == (1, True)
    assert anybody.call("verify", code(15), str(file), "--key", "00" * 32).code == 1
    assert "a proof needs the code" in anybody.call("verify", str(file)).sentence
    file.write_text(file.read_text().replace('"count": 12', '"count": 13'))
    assert anybody.call("verify", code(15), str(file)).code == 1


# What the campaign does


async def _count(installation: Installation, script: Script, letters: int) -> list[str]:
    """So many letters were delivered, and their day is over. Returns their codes."""
    async with installation.harness(script) as harness:
        keys = [f"key-{each}" for each in range(letters)]
        async with harness.store.write() as tx:
            await counter.add(tx, [(CASE, each) for each in keys], harness.clock().date())
        harness.clock.advance(days=1)
        await harness.run_retention()
        return [counter.code_of_letter(harness.store.vault, each) for each in keys]


async def test_what_the_campaign_exports_can_be_checked_by_a_process_that_has_nothing_else(
    tmp_path: Path, script: Script, anybody: Installation
) -> None:
    (tmp_path / "campaign").mkdir()
    campaign = Installation(tmp_path / "campaign").make()
    codes = await _count(campaign, script, 12)
    key = campaign.call("counter", "key").out.strip()
    done = campaign.call("counter", "export", CASE, str(tmp_path / "site" / "files"))
    assert (
        done.out
        == f"2 files are in {tmp_path}/site/files. Check them: assistant verify {tmp_path}/site/files\n"
    )
    again = campaign.call("counter", "export", CASE, str(tmp_path / "site" / "files"))
    assert again.code == 0
    checked = anybody.run("verify", codes[7], str(tmp_path / "site" / "files"), "--key", key)
    assert (checked.code, checked.err) == (0, "")
    assert "is counted once: in batch 1 (12 letters" in checked.out
    file = tmp_path / "proof.json"
    file.write_text(campaign.call("counter", "proof", CASE, codes[7].lower()).out)
    assert anybody.call("verify", codes[7], str(file), "--key", key).code == 0
    refused = campaign.call("counter", "proof", CASE, code(5))
    assert (refused.code, "may come with a later one" in refused.sentence) == (1, True)
    assert list(anybody.folder.iterdir()) == []


async def test_few_letters_are_not_in_what_is_exported(tmp_path: Path, script: Script) -> None:
    campaign = Installation(tmp_path).make()
    codes = await _count(campaign, script, 9)
    campaign.call("counter", "export", CASE, "files")
    assert sorted(each.name for each in (tmp_path / "files").iterdir()) == ["counter.json"]
    done = campaign.call("verify", codes[0], "files")
    assert (done.code, "has no letters yet" in done.out) == (3, True)
    async with campaign.harness(script) as harness:
        assert (await PublishedCounters(harness.store).published(CASE)).total == 0


def test_what_cannot_be_exported_is_told(tmp_path: Path) -> None:
    campaign = Installation(tmp_path).make()
    assert "There is no case nobody" in campaign.call("counter", "export", "nobody", "files").sentence
    (tmp_path / "taken").touch()
    assert "Name another folder" in campaign.call("counter", "export", CASE, "taken").sentence
    key = campaign.call("counter", "key", "--json")
    assert json.loads(key.out) == {"key": campaign.call("counter", "key").out.strip()}
