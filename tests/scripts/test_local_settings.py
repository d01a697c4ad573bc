import json
from pathlib import Path

import pytest

from scripts.azurite import Ports
from scripts.local_settings import LocalSettingsError, merged, values_in, with_storage

LOCAL = "UseDevelopmentStorage=true"
ELSEWHERE = Ports(1, 2, 3)


def test_no_file_means_no_values(tmp_path: Path) -> None:
    assert values_in(tmp_path / "local.settings.json") == {}


def test_the_values_of_the_file_are_read(tmp_path: Path) -> None:
    assert values_in(_written(tmp_path, '{"Values": {"A": "1"}}')) == {"A": "1"}


@pytest.mark.parametrize("text", ["{", "[]", '{"Values": []}', '{"Values": {"A": 1}}'])
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(LocalSettingsError, match=r"local\.settings\.json"):
        values_in(_written(tmp_path, text))


def test_the_environment_wins_over_the_file() -> None:
    assert merged({"A": "environment"}, {"A": "file"}) == {"A": "environment"}


def test_an_empty_text_in_the_environment_counts_as_not_set() -> None:
    assert merged({"A": ""}, {"A": "file"}) == {"A": "file"}


def test_local_storage_is_the_default_for_both() -> None:
    assert with_storage({}, Ports()) == {"AzureWebJobsStorage": LOCAL, "HubStorage": LOCAL}


def test_local_storage_follows_the_ports() -> None:
    assert ":3/" in with_storage({"HubStorage": LOCAL}, ELSEWHERE)["HubStorage"]


def test_storage_elsewhere_is_left_alone() -> None:
    assert with_storage({"HubStorage": "AccountName=x"}, ELSEWHERE)["HubStorage"] == "AccountName=x"


def test_storage_with_a_managed_identity_gets_no_connection_string() -> None:
    assert "HubStorage" not in with_storage({"HubStorage__tableServiceUri": "https://x"}, ELSEWHERE)


def test_the_example_has_the_values_that_a_start_reads() -> None:
    example = Path(__file__).parents[2] / "local.settings.example.json"
    assert values_in(example)["HUB_AZURITE_PORTS"] == str(Ports())


def test_the_example_is_read_as_the_host_reads_it() -> None:
    example = json.loads((Path(__file__).parents[2] / "local.settings.example.json").read_text(encoding="utf-8"))
    assert example["IsEncrypted"] is False


def _written(folder: Path, text: str) -> Path:
    file = folder / "local.settings.json"
    file.write_text(text, encoding="utf-8")
    return file
