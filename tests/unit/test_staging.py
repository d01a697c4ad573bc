from sync.engine.staging import unpack


def test_a_group_to_which_nothing_came_holds_no_arrivals() -> None:
    assert unpack(b"") == []
