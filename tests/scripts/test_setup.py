from pathlib import Path

import pytest

from scripts.setup import MissingToolError, Part, digest_of, node_version, pinned


def test_a_folder_that_was_built_is_current(tmp_path: Path) -> None:
    part = Part(tmp_path / "made", "digest", _built)
    part.renew()
    assert part.is_current()


def test_a_folder_whose_build_was_interrupted_is_not_current(tmp_path: Path) -> None:
    part = Part(tmp_path / "made", "digest", _stopped)
    with pytest.raises(KeyboardInterrupt):
        part.renew()
    assert not part.is_current()


def test_a_rebuild_that_was_interrupted_leaves_no_stamp_of_the_first(tmp_path: Path) -> None:
    Part(tmp_path / "made", "digest", _built).renew()
    again = Part(tmp_path / "made", "digest", _stopped)
    with pytest.raises(KeyboardInterrupt):
        again.renew()
    assert not again.is_current()


def test_a_folder_built_from_other_locks_is_not_current(tmp_path: Path) -> None:
    Part(tmp_path / "made", "old", _built).renew()
    assert not Part(tmp_path / "made", "new", _built).is_current()


def test_a_rebuild_starts_from_nothing(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "leftover").touch()
    Part(tmp_path / "made", "digest", _built).renew()
    assert not (tmp_path / "made" / "leftover").exists()


def test_a_changed_lock_changes_the_digest(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("a==1", encoding="utf-8")
    before = digest_of([lock])
    lock.write_text("a==2", encoding="utf-8")
    assert digest_of([lock]) != before


def test_another_python_changes_the_digest() -> None:
    assert digest_of([], "3.13.0") != digest_of([], "3.13.1")


def test_facts_do_not_run_into_each_other() -> None:
    assert digest_of([], "ab", "c") != digest_of([], "a", "bc")


def test_the_pin_of_a_package_is_found_in_the_lock() -> None:
    assert pinned("uv", "uvloop==1\nuv==0.13.9\n") == "uv==0.13.9"


def test_a_lock_without_the_package_is_an_error() -> None:
    with pytest.raises(MissingToolError, match="uv"):
        pinned("uv", "uvloop==1\n")


@pytest.mark.parametrize(("printed", "major"), [("v20.20.2\n", 20), ("v8.1.0", 8), ("", 0), ("not found", 0)])
def test_the_major_number_of_node_is_read(printed: str, major: int) -> None:
    assert node_version(printed) == major


def _built(folder: Path) -> None:
    (folder / "whole").touch()


def _stopped(folder: Path) -> None:
    (folder / "half").touch()
    raise KeyboardInterrupt
