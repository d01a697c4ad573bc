from pathlib import Path

import pytest

from scripts.setup import MissingToolError, Part, bring_up_to_date, digest_of, lanes, node_version, pinned


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


def test_a_lane_builds_what_is_not_current(tmp_path: Path) -> None:
    lane = [Part(tmp_path / name, "digest", _built) for name in ("first", "second")]
    lane[0].renew()
    assert bring_up_to_date(lane)
    assert lane[1].is_current()


def test_a_lane_leaves_alone_what_is_current(tmp_path: Path) -> None:
    Part(tmp_path / "made", "digest", _built).renew()
    assert bring_up_to_date([Part(tmp_path / "made", "digest", _failed)])


def test_a_lane_ends_at_the_part_that_failed(tmp_path: Path) -> None:
    after = Part(tmp_path / "after", "digest", _built)
    assert not bring_up_to_date([Part(tmp_path / "made", "digest", _failed), after])
    assert not after.folder.exists()


def test_what_failed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up_to_date([Part(tmp_path / "made", "digest", _failed)])
    assert "npm is missing" in capsys.readouterr().err


def test_running_needs_no_public_clients() -> None:
    assert _names("run") == {".venv", ".tools"}


def test_testing_needs_everything() -> None:
    assert _names("test") == {".venv", ".tools", ".clients", "chromium"}


def test_the_public_clients_come_after_the_environment_that_installs_them() -> None:
    assert [".venv", ".clients"] in [[part.folder.name for part in lane] for lane in lanes()["test"]]


@pytest.mark.parametrize(("printed", "major"), [("v20.20.2\n", 20), ("v8.1.0", 8), ("", 0), ("not found", 0)])
def test_the_major_number_of_node_is_read(printed: str, major: int) -> None:
    assert node_version(printed) == major


def _names(purpose: str) -> set[str]:
    return {part.folder.name for lane in lanes()[purpose] for part in lane}


def _failed(folder: Path) -> None:
    raise MissingToolError("npm is missing")


def _built(folder: Path) -> None:
    (folder / "whole").touch()


def _stopped(folder: Path) -> None:
    (folder / "half").touch()
    raise KeyboardInterrupt
