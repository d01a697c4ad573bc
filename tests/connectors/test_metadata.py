"""What a route says about its entity sets."""

from typing import Any

import orjson
import pytest

from sync.connectors.metadata import read_captions, read_schema
from sync.model.errors import RefusedError, RetryLaterError
from sync.ports import SourceField, SourceSchema

BODY = b"""<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EnumType Name="vendorBlocked"><Member Name="_x0020_" Value="0"/><Member Name="All" Value="2"/></EnumType>
<EntityType Name="vendor"><Key><PropertyRef Name="id"/></Key>
<Property Name="id" Type="Edm.Guid" Nullable="false"/>
<Property Name="displayName" Type="Edm.String" MaxLength="100"/>
<Property Name="note" Type="Edm.String" MaxLength="Max"/>
<Property Name="blocked" Type="Microsoft.NAV.vendorBlocked"/>
<NavigationProperty Name="currency" Type="Microsoft.NAV.currency"/>
</EntityType>
<EntityType Name="item"><Property Name="gtin" Type="Edm.String"/></EntityType>
<Action Name="post"><Parameter Name="bindingParameter" Type="Microsoft.NAV.vendor"/></Action>
<EntityContainer Name="NAV"><EntitySet Name="vendors" EntityType="Microsoft.NAV.vendor">
<NavigationPropertyBinding Path="currency" Target="currencies"/></EntitySet>
<EntitySet Name="ghosts" EntityType="Microsoft.NAV.ghost"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


def definition(*captions: dict[str, Any]) -> bytes:
    properties = [{"name": "number", "captions": list(captions)}]
    return orjson.dumps({"value": [{"entityName": "other"}, {"entityName": "vendor", "properties": properties}]})


def test_an_entity_sets_columns_are_told_with_type_length_and_members() -> None:
    assert read_schema(BODY, "vendors") == SourceSchema(
        "vendors",
        "vendor",
        (
            SourceField("id", "Edm.Guid"),
            SourceField("displayName", "Edm.String", 100),
            SourceField("note", "Edm.String"),
            SourceField("blocked", "Microsoft.NAV.vendorBlocked", members=("_x0020_", "All")),
        ),
        ("currency",),
    )


def test_an_entity_set_that_is_not_there_has_no_schema() -> None:
    assert read_schema(BODY, "items") is None


def test_an_entity_set_of_an_unknown_type_has_no_columns() -> None:
    assert read_schema(BODY, "ghosts") == SourceSchema("ghosts", "ghost", ())


@pytest.mark.parametrize("body", [BODY[:700], b"", b"{}", b"<html><br></html>"])
def test_metadata_that_is_cut_may_come_whole_later(body: bytes) -> None:
    with pytest.raises(RetryLaterError):
        read_schema(body, "vendors")


def test_metadata_with_definitions_of_its_own_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(RefusedError) as caught:
        read_schema(bomb, "vendors")
    assert caught.value.code == "SOURCE_UNREADABLE"


def test_a_caption_is_the_english_one() -> None:
    told = definition({"languageCode": 1031, "caption": "Nr."}, {"languageCode": 1033, "caption": "No."})
    assert read_captions(told, "vendor") == {"number": "No."}


def test_another_languages_caption_is_better_than_none() -> None:
    assert read_captions(definition({"languageCode": 1031, "caption": "Nr."}), "vendor") == {"number": "Nr."}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"value": 7}', definition(), definition({"caption": "No."})])
def test_captions_that_cannot_be_read_are_left_out(body: bytes) -> None:
    assert read_captions(body, "vendor") == {}
