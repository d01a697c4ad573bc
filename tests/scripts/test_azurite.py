import socket
from dataclasses import astuple
from pathlib import Path

import pytest

from scripts.azurite import Ports, PortsError, Presence, command, connection_string, free_ports, ports_from, presence


def test_three_ports_are_read() -> None:
    assert ports_from("1, 2,3") == Ports(blob=1, queue=2, table=3)


def test_what_is_printed_can_be_read() -> None:
    assert ports_from(str(Ports())) == Ports()


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4", "1,1,2", "0,1,2", "1,2,65536", "a,b,c", "-1,2,3", "1,2,²"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(PortsError, match="three different ports"):
        ports_from(text)


def test_free_ports_differ() -> None:
    assert len(set(astuple(free_ports()))) == 3


def test_the_usual_ports_need_no_addresses() -> None:
    assert connection_string(Ports()) == "UseDevelopmentStorage=true"


def test_other_ports_are_named_in_the_connection_string() -> None:
    assert "TableEndpoint=http://127.0.0.1:3/devstoreaccount1;" in connection_string(Ports(1, 2, 3))


def test_without_a_folder_nothing_is_written_to_disk() -> None:
    assert "--inMemoryPersistence" in command(Ports(), None)


def test_data_on_disk_comes_with_the_journal(tmp_path: Path) -> None:
    assert "--require" in command(Ports(), tmp_path)


def test_nobody_listens_on_free_ports() -> None:
    assert presence(free_ports()) is Presence.NOBODY


def test_one_taken_port_is_a_stranger() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = Ports(taken.getsockname()[1], *astuple(free_ports())[1:])
        assert presence(ports) is Presence.STRANGER
