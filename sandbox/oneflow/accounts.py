"""The two accounts that the simulated Oneflow starts with."""

from sandbox.oneflow.model import Account, Template, TemplateType, TypeField, User, Workspace

_SINCE = 1_543_417_631

_FIELDS = (
    ("topic", "Topic"),
    ("description", "Description"),
    ("budgetamount", "Budget amount"),
    ("estimatedvalue", "Estimated value"),
    ("estimatedclosedate", "Close date"),
    ("probability", "Probability"),
    ("stage", "Stage"),
    ("customer", "Customer"),
    ("confirmed", "Interest confirmed"),
    ("meeting", "Proposal meeting"),
    ("discount", "Discount"),
    ("record_id", "Record"),
)


def accounts() -> dict[str, Account]:
    """Return both accounts by token; the second is a stranger with things of its own."""
    found = (_first(), _second())
    return {each.token: each for each in found}


def _first() -> Account:
    account = Account(392610, "Contoso AB", "contoso-oneflow-token-000000000000000001", _SINCE)
    account.users = [
        User(416055, "admin@contoso.example", "Contoso Admin", admin=True),
        User(416056, "sales@contoso.example", "Contoso Sales", workspaces=(396198,)),
        User(416057, "former@contoso.example", "Contoso Former", active=False),
    ]
    for each in (
        Workspace(396198, "Sales", _SINCE),
        Workspace(396199, "Legal", _SINCE),
        Workspace(396200, "Archive", _SINCE, may_create=False),
    ):
        account.workspaces[each.id] = each
    kind = _type(5, "Dynamics", account)
    for template in (
        Template(110010, "Sales Proposal", _SINCE, (396198, 396199), kind, products=True),
        Template(110008, "Plain Agreement", _SINCE, (396198,)),
        Template(110011, "Old Proposal", _SINCE, (396198,), kind, active=False),
        Template(110012, "Legal Notice", _SINCE, (396199,), kind),
    ):
        account.templates[template.id] = template
        template.values = dict.fromkeys(kind.fields, "") if template.type else {}
    return account


def _second() -> Account:
    account = Account(392611, "Fabrikam AB", "fabrikam-oneflow-token-00000000000000002", _SINCE)
    account.users = [User(416058, "admin@fabrikam.example", "Fabrikam Admin", admin=True)]
    account.workspaces[396201] = Workspace(396201, "Everything", _SINCE)
    kind = _type(6, "Dynamics", account, first=40)
    values = dict.fromkeys(kind.fields, "")
    account.templates[110013] = Template(110013, "Sales Proposal", _SINCE, (396201,), kind, values=values)
    return account


def _type(number: int, name: str, account: Account, first: int = 12) -> TemplateType:
    kind = TemplateType(number, name, _SINCE)
    fields = [TypeField(first + at, custom_id, text) for at, (custom_id, text) in enumerate(_FIELDS)]
    fields += [
        TypeField(first + len(_FIELDS), "contract_id", "Contract id", source="system"),
        TypeField(first + len(_FIELDS) + 1, "retired_terms", "Retired terms", active=False),
    ]
    kind.fields = {each.custom_id: each for each in fields}
    account.types[kind.id] = kind
    return kind
