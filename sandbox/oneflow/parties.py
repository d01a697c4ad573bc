"""Parties and participants: reading, adding, changing, removing."""

import re
from dataclasses import replace

from sandbox.oneflow.bodies import Json, flag_of, object_of, objects_of, text_of
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, Participant, Party, User
from sandbox.oneflow.refusals import Problems, conflict, not_found

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MOST = 40
_MOST_MINE = 29
_LONGEST_NAME = 100
_LONGEST_NUMBER = 25
_KINDS = {"company", "individual"}
_TEXTS = ("name", "email", "phone_number", "identification_number", "title")
_CHOICES = {
    "delivery_channel": {"email", "sms", "email_and_sms", "same_device", "none"},
    "sign_method": {
        *("standard_esign", "sms", "handwritten_signature", "eid_sign"),
        *("swedish_bankid", "norwegian_bankid", "danish_nemid", "finnish_bankid"),
    },
    "two_step_authentication_method": {"email", "sms", "none"},
}
_NEEDS = {"email": ("email",), "sms": ("phone_number",), "email_and_sms": ("email", "phone_number")}


def read_my_party(body: Json, doing: Doing, creator: User, problems: Problems) -> Party:
    """Return the owner's party; without one it has the creator as its only participant."""
    given = object_of(body, "my_party", problems)
    people = objects_of(given, "participants", problems, "my_party.")
    party = Party(doing.numbers.next("party"), doing.now, doing.account.name, country_code="SE", mine=True)
    if not people:
        people = [{"email": creator.email, "name": creator.name, "organizer": True, "signatory": False}]
    if len(people) > _MOST_MINE:
        problems.add("my_party.participants", f"At most {_MOST_MINE} participants.")
    for at, each in enumerate(people):
        path = f"my_party.participants[{at}]."
        if doing.account.user(str(each.get("email", ""))) is None:
            problems.add(f"{path}email", "Must be an active user of the account.")
        party.participants.append(_participant(each, path, doing, problems))
    return party


def read_party(given: Json, path: str, doing: Doing, problems: Problems) -> Party:
    """Return a counterparty."""
    party = Party(doing.numbers.next("party"), doing.now, kind=given.get("type", "company"))
    if str(party.kind) not in _KINDS:
        problems.add(f"{path}type", f"Must be one of {', '.join(sorted(_KINDS))}.")
    _fill_party(party, {"name": "", "country_code": "", **given}, path, problems)
    if party.kind == "individual":
        person = object_of(given, "participant", problems, path)
        party.participants = [_participant(person, f"{path}participant.", doing, problems)]
        party.name = party.name or party.participants[0].name
    else:
        people = objects_of(given, "participants", problems, path)
        named = [(each, f"{path}participants[{at}].") for at, each in enumerate(people)]
        party.participants = [_participant(each, where, doing, problems) for each, where in named]
        if not party.name:
            problems.add(f"{path}name", "Missing data for required field.")
    return party


def check_people(parties: list[Party], problems: Problems) -> None:
    """Note who is there twice, and whether there are too many."""
    seen: set[str] = set()
    for side, party in enumerate(parties):
        for at, each in enumerate(party.participants):
            if each.email and each.email.lower() in seen:
                problems.add_duplicate(f"parties[{side}].participants[{at}].email", each.email)
            seen.add(each.email.lower())
    if sum(len(each.participants) for each in parties) > _MOST:
        problems.add("parties", f"At most {_MOST} participants.")


def add_party(contract: Contract, given: Json, doing: Doing) -> Party:
    """Add a counterparty.

    Raises:
        OneflowError: 400, or 409 for a contract that is locked.
    """
    doing.refuse_locked(contract)
    problems = Problems()
    party = read_party(given, "", doing, problems)
    _check_all([*contract.parties, party], problems)
    contract.parties.append(party)
    doing.note("party", contract, id=party.id, to=party.name)
    doing.content_changed(contract, "party:create")
    return party


def change_party(contract: Contract, party: Party, given: Json, doing: Doing) -> Party:
    """Change a party's own members; the others stay.

    Raises:
        OneflowError: 400, or 409 for a contract that is locked.
    """
    doing.refuse_locked(contract)
    problems = Problems()
    _fill_party(replace(party), given, "", problems)
    problems.check()
    _fill_party(party, given, "", problems)
    party.updated = doing.now
    doing.note("party", contract, id=party.id, to=party.name)
    doing.content_changed(contract, "party:update")
    return party


def remove_party(contract: Contract, party: Party, doing: Doing) -> None:
    """Remove a counterparty.

    Raises:
        OneflowError: 409: it is the owner's, or the contract is locked.
    """
    doing.refuse_locked(contract)
    if party.mine:
        raise conflict("The owner's party cannot be removed.")
    contract.parties.remove(party)
    doing.note("party", contract, id=party.id, to=None)
    doing.content_changed(contract, "party:delete")


def add_participant(contract: Contract, party: Party, given: Json, doing: Doing) -> Participant:
    """Add a participant to a company.

    Raises:
        OneflowError: 400, or 409 for a contract that is locked or a party that is one person.
    """
    doing.refuse_locked(contract)
    if party.kind == "individual":
        raise conflict("An individual has one participant.")
    problems = Problems()
    person = _participant(given, "", doing, problems)
    problems.check()
    party.participants.append(person)
    check_people(contract.parties, problems)
    if problems.found:
        party.participants.remove(person)
    problems.check()
    doing.note("participant", contract, id=person.id, to=person.email)
    doing.content_changed(contract, "participant:create")
    return person


def change_participant(contract: Contract, person: Participant, given: Json, doing: Doing) -> Participant:
    """Change some members of a participant.

    Raises:
        OneflowError: 400, or 409 for a contract that is locked.
    """
    doing.refuse_locked(contract)
    problems = Problems()
    _fill_participant(replace(person), given, "", problems)
    problems.check()
    _fill_participant(person, given, "", problems)
    person.updated = doing.now
    doing.note("participant", contract, id=person.id, to=person.email)
    doing.content_changed(contract, "participant:update")
    return person


def remove_participant(contract: Contract, party: Party, person: Participant, doing: Doing) -> None:
    """Remove a participant of a company.

    Raises:
        OneflowError: 409: the contract is locked, or the party is one person.
    """
    doing.refuse_locked(contract)
    if party.kind == "individual":
        raise conflict("An individual has one participant.")
    party.participants.remove(person)
    doing.note("participant", contract, id=person.id, to=None)
    doing.content_changed(contract, "participant:delete")


def party_of(contract: Contract, number: int) -> Party:
    """Return a party.

    Raises:
        OneflowError: 404.
    """
    for each in contract.parties:
        if each.id == number:
            return each
    raise not_found()


def participant_of(party: Party, number: int) -> Participant:
    """Return a participant.

    Raises:
        OneflowError: 404.
    """
    for each in party.participants:
        if each.id == number:
            return each
    raise not_found()


def _check_all(parties: list[Party], problems: Problems) -> None:
    check_people(parties, problems)
    problems.check()


def _fill_party(party: Party, given: Json, path: str, problems: Problems) -> None:
    if "name" in given:
        party.name = text_of(given, "name", path, problems, _LONGEST_NAME)
    if "identification_number" in given:
        party.identification_number = text_of(given, "identification_number", path, problems, _LONGEST_NUMBER)
    if "country_code" in given:
        party.country_code = text_of(given, "country_code", path, problems)
        if not _COUNTRY.fullmatch(party.country_code):
            problems.add(f"{path}country_code", "Must be a country code of two capital letters.")


def _participant(given: Json, path: str, doing: Doing, problems: Problems) -> Participant:
    person = Participant(doing.numbers.next("participant"), doing.now)
    _fill_participant(person, {"name": "", **given}, path, problems)
    if not person.name:
        problems.add(f"{path}name", "Missing data for required field.")
    return person


def _fill_participant(person: Participant, given: Json, path: str, problems: Problems) -> None:
    for name in _TEXTS:
        if name in given:
            setattr(person, name, text_of(given, name, path, problems))
    _fill_choices(person, given, path, problems)
    person.signatory = flag_of(given, "signatory", path, problems, default=person.signatory)
    person.organizer = flag_of(given, "organizer", path, problems, default=person.organizer)
    permissions = object_of(given, "_permissions", problems, path)
    person.may_update = flag_of(permissions, "contract:update", path, problems, default=person.may_update)
    if person.email and not _EMAIL.fullmatch(person.email):
        problems.add(f"{path}email", "One or more emails are invalid")
    for name in _NEEDS.get(person.delivery_channel, ()):
        if not getattr(person, name):
            problems.add(f"{path}{name}", f"The delivery channel {person.delivery_channel} needs it.")


def _fill_choices(person: Participant, given: Json, path: str, problems: Problems) -> None:
    for name, allowed in _CHOICES.items():
        if name in given and str(given[name]) not in allowed:
            problems.add(f"{path}{name}", f"Must be one of {', '.join(sorted(allowed))}.")
        elif name in given:
            setattr(person, name.removesuffix("_authentication_method"), given[name])
