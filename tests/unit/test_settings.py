"""Settings: read once, and everything wrong is said at once."""

import base64
from datetime import timedelta

import pytest

from sync.engine.reach import Reach
from sync.model.console import Console
from sync.settings import Settings, SettingsError, read_settings

KEY = bytes(range(224, 256))
GOOD = {
    "HUB_SECRET_KEY": base64.b64encode(KEY).decode(),
    "HUB_AUTH_ISSUER": "https://issuer.example/v2.0/",
    "HUB_AUTH_AUDIENCE": "api://hub",
    "HUB_AUTH_JWKS_URL": "https://issuer.example/keys?p=1",
}
AZURE = {"WEBSITE_INSTANCE_ID": "1", "HubStorage": "AccountName=a;AccountKey=b"}


def read(**changes: str) -> Settings:
    return read_settings({**GOOD, **changes})


def problems(**changes: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        read(**changes)
    return refused.value.problems


def test_what_is_not_set_has_the_documented_value() -> None:
    settings = read()
    assert settings.upstreams.entra == "https://login.microsoftonline.com"
    assert settings.upstreams.business_central == "https://api.businesscentral.dynamics.com"
    assert settings.upstreams.oneflow == "https://api.oneflow.com/v1"
    assert (settings.schedules.delta, settings.schedules.sweep) == ("0 * * * * *", "*/10 * * * * *")
    assert (settings.public_url, settings.upstreams.dataverse_origins) == (None, ())


def test_subscriptions_are_looked_after_every_ten_seconds_and_probed_every_quarter_of_an_hour() -> None:
    settings = read()
    assert (settings.schedules.subscriptions, settings.schedules.notices) == ("*/10 * * * * *", "*/2 * * * * *")
    assert (settings.probe_every, read(HUB_PROBE_SECONDS="60").probe_every) == (
        timedelta(minutes=15),
        timedelta(minutes=1),
    )


def test_webhooks_are_delivered_every_other_second_and_in_azure_to_public_addresses_only() -> None:
    settings = read()
    assert (settings.schedules.deliveries, settings.reach) == ("*/2 * * * * *", Reach.LOCAL)
    assert read(**AZURE, HUB_KEY_VAULT_URL="https://v.vault.azure.net", HUB_SECRET_KEY="").reach is Reach.PUBLIC


def test_webhooks_are_looked_after_twice_a_minute_and_notices_heeded_every_other_second() -> None:
    schedules = read().schedules
    assert (schedules.hooks, schedules.errands) == ("*/30 * * * * *", "*/2 * * * * *")
    assert schedules.walks == "0 */10 * * * *"


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "often", "86401", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_span_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    assert set(problems(HUB_PROBE_SECONDS=text)) == {"HUB_PROBE_SECONDS"}


def test_nothing_set_names_everything_that_is_needed() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({})
    assert set(refused.value.problems) == set(GOOD)
    assert all(name in str(refused.value) for name in GOOD)


def test_every_problem_is_in_one_message() -> None:
    found = problems(HUB_ENTRA_URL="entra", HUB_DELTA_SCHEDULE="often", HUB_SECRET_KEY="short", HubStorage="here")
    assert set(found) == {"HUB_ENTRA_URL", "HUB_DELTA_SCHEDULE", "HUB_SECRET_KEY", "HubStorage"}


def test_an_empty_value_counts_as_none() -> None:
    assert read(HUB_KEY_VAULT_URL="", HUB_PUBLIC_URL=" ").public_url is None


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_the_key_is_read_in_either_alphabet(encode: object) -> None:
    assert callable(encode)
    assert read(HUB_SECRET_KEY=encode(KEY).decode()).secret_key == KEY


def test_no_secret_is_printed() -> None:
    text = repr(read(HubStorage="AccountName=a;AccountKey=planted"))
    assert ("planted" in text, repr(KEY) in text) == (False, False)


def test_addresses_lose_the_slash_at_their_end() -> None:
    settings = read(
        HUB_PUBLIC_URL="https://hub.example/base/", HUB_DATAVERSE_ORIGINS="https://a.example/, https://b.example"
    )
    assert settings.public_url == "https://hub.example/base"
    assert settings.upstreams.dataverse_origins == ("https://a.example", "https://b.example")


def test_the_issuer_stays_as_it_is() -> None:
    assert read().auth.issuer == "https://issuer.example/v2.0/"


@pytest.mark.parametrize(
    "address", ["entra", "ftp://a", "https://", "https://a?x=1", "https://u@a", "https://a:x", "https://[a"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert set(problems(HUB_ENTRA_URL=address)) == {"HUB_ENTRA_URL"}


def test_an_origin_has_no_path() -> None:
    assert set(problems(HUB_DATAVERSE_ORIGINS="https://a.example/x")) == {"HUB_DATAVERSE_ORIGINS"}


@pytest.mark.parametrize("name", ["HUB_DELTA_SCHEDULE", "HUB_SWEEP_SCHEDULE", "HUB_CLEANING_SCHEDULE"])
def test_a_schedule_has_six_fields(name: str) -> None:
    assert set(problems(**{name: "0 * * * *"})) == {name}


def test_the_local_storage_is_where_the_ports_say() -> None:
    connection = read(HUB_AZURITE_PORTS="1,2,3").storage.connection or ""
    assert all(
        part in connection
        for part in ("BlobEndpoint=http://127.0.0.1:1/", "Queue", "TableEndpoint=http://127.0.0.1:3/")
    )


@pytest.mark.parametrize("ports", ["1,2", "1,2,x", "0,1,2", "1,2,70000"])
def test_three_ports_are_needed(ports: str) -> None:
    assert set(problems(HUB_AZURITE_PORTS=ports)) == {"HUB_AZURITE_PORTS"}


def test_storage_may_be_reached_by_an_identity() -> None:
    settings = read(
        **{f"HubStorage__{name}ServiceUri": f"https://a.{name}.example/" for name in ("table", "queue", "blob")}
    )
    assert (settings.storage.connection, settings.storage.tables) == (None, "https://a.table.example")


def test_the_three_addresses_of_storage_go_together() -> None:
    found = problems(HubStorage__tableServiceUri="http://a.example")
    assert set(found) == {f"HubStorage__{name}ServiceUri" for name in ("table", "queue", "blob")}


def test_a_key_vault_takes_the_place_of_the_key() -> None:
    settings = read(HUB_KEY_VAULT_URL="https://v.vault.azure.net/", HUB_SECRET_KEY="of no use any more")
    assert (settings.vault_url, settings.secret_key) == ("https://v.vault.azure.net", b"")


def test_without_a_vault_the_key_is_used() -> None:
    assert (read().vault_url, read().secret_key) == (None, KEY)


@pytest.mark.parametrize(
    "address", ["v.vault.azure.net", "http://127.0.0.1:1", "https://v.vault.azure.net/x", "https://[a"]
)
def test_a_vault_has_an_https_address_without_a_path(address: str) -> None:
    assert set(problems(HUB_KEY_VAULT_URL=address)) == {"HUB_KEY_VAULT_URL"}


def test_in_azure_a_vault_is_enough() -> None:
    settings = read(**{**AZURE, "HUB_SECRET_KEY": "", "HUB_KEY_VAULT_URL": "https://v.vault.azure.net"})
    assert settings.vault_url == "https://v.vault.azure.net"


@pytest.mark.parametrize(
    "address", ["http://api.example", "https://localhost", "https://127.0.0.1:1", "https://[::1]", "https://0.0.0.0"]
)
def test_in_azure_only_https_addresses_of_others_are_accepted(address: str) -> None:
    assert "HUB_BUSINESS_CENTRAL_URL" in problems(HUB_BUSINESS_CENTRAL_URL=address, **AZURE)


def test_outside_azure_a_loopback_address_is_fine() -> None:
    assert read(HUB_AUTH_JWKS_URL="http://127.0.0.1:1/keys").auth.jwks_url == "http://127.0.0.1:1/keys"


def test_in_azure_secrets_belong_in_a_key_vault() -> None:
    assert set(problems(**AZURE)) == {"HUB_SECRET_KEY", "HUB_KEY_VAULT_URL"}
    assert set(problems(**{**AZURE, "HUB_SECRET_KEY": ""})) == {"HUB_KEY_VAULT_URL"}


@pytest.mark.parametrize("storage", ["", "UseDevelopmentStorage=true"])
def test_in_azure_there_is_no_local_storage(storage: str) -> None:
    assert "HubStorage" in problems(**{**AZURE, "HubStorage": storage})


def test_the_environment_is_read_when_nothing_else_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WEBSITE_INSTANCE_ID", raising=False)
    assert read_settings().auth.audience == "api://hub"


def test_on_a_developers_machine_the_host_says_where_it_listens() -> None:
    assert read(WEBSITE_HOSTNAME="127.0.0.1:7071").local_address == "http://127.0.0.1:7071"


def test_in_azure_the_hosts_own_name_is_no_address_for_others() -> None:
    vault = {"HUB_SECRET_KEY": "", "HUB_KEY_VAULT_URL": "https://hub.vault.azure.net"}
    assert read(WEBSITE_HOSTNAME="hub.azurewebsites.net", **AZURE, **vault).local_address is None


def test_people_sign_in_to_the_console_where_the_tokens_come_from() -> None:
    console = read(HUB_CONSOLE_CLIENT_ID="client-1").console
    assert console == Console("client-1", "https://issuer.example/v2.0", "api://hub/.default")


def test_the_console_may_have_another_authority_and_scope() -> None:
    console = read(HUB_CONSOLE_AUTHORITY="https://login.example/t/v2.0/", HUB_CONSOLE_SCOPE="api://hub/use").console
    assert console == Console("", "https://login.example/t/v2.0", "api://hub/use")


def test_an_issuer_that_is_no_address_is_no_place_to_sign_in() -> None:
    assert read(HUB_AUTH_ISSUER="contoso").console.authority == ""


def test_nobody_frames_the_widget_unless_a_setting_says_who() -> None:
    assert read().console.ancestors == ()


def test_origins_that_frame_the_widget_are_parted_by_commas_or_spaces() -> None:
    console = read(HUB_WIDGET_ANCESTORS="https://a.example, https://B.example:8443/ http://[::1]:80").console
    assert console.ancestors == ("https://a.example", "https://b.example:8443", "http://[::1]:80")


@pytest.mark.parametrize(
    "origin", ["*", "https://*.dynamics.com", "https://a.example/form", "a.example", "https://a.example;script-src"]
)
def test_what_is_no_single_origin_frames_no_widget(origin: str) -> None:
    assert set(problems(HUB_WIDGET_ANCESTORS=origin)) == {"HUB_WIDGET_ANCESTORS"}


def test_in_azure_only_https_pages_frame_the_widget() -> None:
    vault = {"HUB_SECRET_KEY": "", "HUB_KEY_VAULT_URL": "https://hub.vault.azure.net"}
    assert set(problems(HUB_WIDGET_ANCESTORS="http://a.example", **AZURE, **vault)) == {"HUB_WIDGET_ANCESTORS"}


def test_an_authority_that_is_no_address_stops_the_start() -> None:
    assert set(problems(HUB_CONSOLE_AUTHORITY="login")) == {"HUB_CONSOLE_AUTHORITY"}
