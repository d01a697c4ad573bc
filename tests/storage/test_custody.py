"""Which secrets a hub with a vault keeps where, and what it remembers of them."""

from dataclasses import dataclass, field

import pytest

from sync.model.errors import RetryLaterError
from sync.model.secret import Secret
from sync.storage.custody import CustodySecretStore
from sync.storage.memory import MemorySecretStore
from tests.support.company import VirtualClock

OLD, NEW = Secret("old"), Secret("new")


class Watched(MemorySecretStore):
    """A store that counts its readers, and may be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.down = False

    def get(self, name: str) -> Secret | None:
        self.reads.append(name)
        if self.down:
            raise RetryLaterError("Out of reach", delay=1, code="VAULT_UNAVAILABLE")
        return super().get(name)


@dataclass(slots=True)
class Scene:
    vault: Watched = field(default_factory=Watched)
    passing: Watched = field(default_factory=Watched)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def process(self) -> CustodySecretStore:
        """Return the store as one process has it."""
        return CustodySecretStore(self.vault, self.passing, self.clock)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("name", ["secret-1", "refresh-1", "hub"])
def test_what_must_last_is_in_the_vault_alone(scene: Scene, name: str) -> None:
    scene.process().set(name, NEW)
    assert (scene.vault.get(name), scene.passing.get(name)) == (NEW, None)


def test_what_passes_is_not_in_the_vault(scene: Scene) -> None:
    scene.process().set("token-1", NEW)
    assert (scene.vault.get("token-1"), scene.passing.get("token-1")) == (None, NEW)


def test_a_secret_of_one_value_is_read_once_a_minute(scene: Scene) -> None:
    scene.vault.set("secret-1", NEW)
    here = scene.process()
    assert [here.get("secret-1") for _ in range(3)] == [NEW] * 3
    scene.clock.pass_by(59.9)
    here.get("secret-1")
    assert len(scene.vault.reads) == 1
    scene.clock.pass_by(0.1)
    here.get("secret-1")
    assert len(scene.vault.reads) == 2


def test_who_writes_a_secret_of_one_value_need_not_read_it(scene: Scene) -> None:
    here = scene.process()
    here.set("secret-1", NEW)
    assert (here.get("secret-1"), scene.vault.reads) == (NEW, [])


def test_a_secret_that_is_not_there_is_looked_for_each_time(scene: Scene) -> None:
    here = scene.process()
    assert here.get("secret-1") is None
    scene.vault.set("secret-1", NEW)
    assert here.get("secret-1") == NEW


@pytest.mark.parametrize("name", ["token-1", "refresh-1"])
def test_what_may_change_is_never_remembered(scene: Scene, name: str) -> None:
    here, there = scene.process(), scene.process()
    here.set(name, OLD)
    there.set(name, NEW)
    assert here.get(name) == NEW


def test_a_deleted_secret_is_forgotten_at_once_here_and_in_a_minute_elsewhere(scene: Scene) -> None:
    here, there = scene.process(), scene.process()
    here.set("secret-1", NEW)
    there.get("secret-1")
    here.delete("secret-1")
    assert (here.get("secret-1"), there.get("secret-1")) == (None, NEW)
    scene.clock.pass_by(60)
    assert there.get("secret-1") is None


def test_a_known_secret_outlasts_a_short_absence_of_the_vault(scene: Scene) -> None:
    here = scene.process()
    here.set("secret-1", NEW)
    scene.vault.down = True
    assert here.get("secret-1") == NEW


def test_what_is_remembered_does_not_pile_up(scene: Scene) -> None:
    here = scene.process()
    for number in range(50):
        here.set(f"secret-{number}", NEW)
        scene.clock.pass_by(10)
    assert len(here._known) <= 7
