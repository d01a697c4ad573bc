"""Product tables of contracts."""

from decimal import Decimal

from sandbox.oneflow.bodies import Json, flag_of, number_of, object_of, objects_of, text_of
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, Price, Product, ProductGroup
from sandbox.oneflow.refusals import Problems, not_found

_MOST = 150
_KINDS = {"quantity", "multiple_choice", "single_choice"}


def template_groups(doing: Doing) -> list[ProductGroup]:
    """Return the product table of a new contract, with the template's own row."""
    row = Product(doing.numbers.next("product"), doing.now, "Example product")
    return [ProductGroup(doing.numbers.next("group"), doing.now, products=[row])]


def fill_groups(groups: list[ProductGroup], given: list[Json], doing: Doing, problems: Problems) -> None:
    """Replace the template's rows by those of a create; the id may be left out when there is one table."""
    for at, item in enumerate(given):
        path = f"product_groups[{at}]."
        found = [each for each in groups if item.get("id", each.id) == each.id]
        if len(found) != 1:
            problems.add(f"{path}id", "There is no such product group in the template.")
            continue
        fill_group(found[0], item, path, doing, problems)
    _count(groups, problems)


def fill_group(group: ProductGroup, given: Json, path: str, doing: Doing, problems: Problems) -> None:
    """Change a table: its configuration, and all of its rows when there are any in the order."""
    configuration = object_of(given, "configuration", problems, path)
    hide = flag_of(configuration, "hide_price_summation", path, problems, default=group.hide_price_summation)
    group.hide_price_summation = hide
    if "products" in given:
        rows = objects_of(given, "products", problems, path)
        group.products = [_product(row, f"{path}products[{at}].", doing, problems) for at, row in enumerate(rows)]


def change_group(contract: Contract, group: ProductGroup, given: Json, doing: Doing) -> ProductGroup:
    """Change a table of a contract.

    Raises:
        OneflowError: 400, or 409 when the contract is locked.
    """
    doing.refuse_locked(contract)
    problems = Problems()
    kept = list(group.products)
    fill_group(group, given, "", doing, problems)
    _count(contract.groups, problems)
    if problems.found:
        group.products = kept
    problems.check()
    group.updated = doing.now
    doing.note("product_group", contract, id=group.id, to=[each.name for each in group.products])
    doing.content_changed(contract, "product:update")
    return group


def add_product(contract: Contract, group: ProductGroup, given: Json, doing: Doing) -> Product:
    """Add a row to a table.

    Raises:
        OneflowError: 400, or 409 when the contract is locked.
    """
    doing.refuse_locked(contract)
    problems = Problems()
    product = _product(given, "", doing, problems)
    group.products.append(product)
    _count(contract.groups, problems)
    if problems.found:
        group.products.pop()
    problems.check()
    doing.note("product", contract, id=product.id, to=product.name)
    doing.content_changed(contract, "product:create")
    return product


def group_of(contract: Contract, number: int) -> ProductGroup:
    """Return a table.

    Raises:
        OneflowError: 404.
    """
    for each in contract.groups:
        if each.id == number:
            return each
    raise not_found()


def _count(groups: list[ProductGroup], problems: Problems) -> None:
    if sum(len(each.products) for each in groups) > _MOST:
        problems.add("product_groups", f"At most {_MOST} products.")


def _product(given: Json, path: str, doing: Doing, problems: Problems) -> Product:
    quantity = object_of(given, "quantity", problems, path)
    kind = str(quantity.get("type", "quantity"))
    if kind not in _KINDS:
        problems.add(f"{path}quantity.type", f"Must be one of {', '.join(sorted(_KINDS))}.")
    return Product(
        doing.numbers.next("product"),
        doing.now,
        text_of(given, "name", path, problems),
        text_of(given, "description", path, problems, 5000),
        _price(given, "price_1", path, problems),
        _price(given, "price_2", path, problems),
        number_of(quantity.get("amount", 1), f"{path}quantity.amount", problems),
        kind,
        flag_of(given, "counterparty_lock", path, problems, default=False),
    )


def _price(given: Json, name: str, path: str, problems: Problems) -> Price:
    price = object_of(given, name, problems, path)
    base, discount = (_amount(price, part, f"{path}{name}.", problems) for part in ("base_amount", "discount_amount"))
    return Price(base, discount)


def _amount(price: Json, name: str, path: str, problems: Problems) -> Decimal:
    holder = object_of(price, name, problems, path)
    return number_of(holder.get("amount") or "0", f"{path}{name}.amount", problems)
