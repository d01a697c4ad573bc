"""How Oneflow writes contracts."""

from decimal import Decimal

from sandbox.oneflow.account_shapes import AccountShapes, Json
from sandbox.oneflow.model import Contract, DataField, Event, Participant, Party, Price, Product, ProductGroup

_COLUMNS = ("name", "description", "price_1", "price_2", "count")


class Shapes(AccountShapes):
    """Writes everything for one caller."""

    __slots__ = ()

    def data_field(self, field: DataField) -> Json:
        """Write a data field of a contract."""
        private: Json = {"created_time": self.time(field.created), "updated_time": self.time(field.updated)}
        top: Json = {"custom_id": field.custom_id}
        if self.switches.field_shape == "private":
            private, top = {**private, **top}, {}
        else:
            top |= {"active": True, "source": field.source}
        return {
            "_private_ownerside": dict(sorted(private.items())),
            **top,
            "description": field.description,
            "id": field.id,
            "name": field.name,
            "placeholder": field.placeholder,
            "value": field.value,
        }

    def party(self, party: Party) -> Json:
        """Write a party; an individual has `participant` where a company has `participants`."""
        people = [self.participant(each) for each in party.participants]
        inner: Json = {"participants": people} if party.kind == "company" else {"participant": people[0]}
        return {
            "_private_ownerside": {
                "created_time": self.time(party.created),
                "updated_time": self.time(party.updated),
            },
            "country_code": party.country_code,
            "id": party.id,
            "identification_number": party.identification_number,
            "my_party": party.mine,
            "name": party.name,
            **inner,
            "type": party.kind,
        }

    def participant(self, person: Participant) -> Json:
        """Write a participant."""
        return {
            "_permissions": {"contract:update": person.may_update},
            "_private_ownerside": {
                "created_time": self.time(person.created),
                "first_visited_time": self.time(person.first_visit),
                "last_visited_time": self.time(person.last_visit),
                "updated_time": self.time(person.updated),
                "visits": person.visits,
            },
            "delivery_channel": person.delivery_channel,
            "delivery_status": person.delivery_status,
            "email": person.email,
            "id": person.id,
            "identification_number": person.identification_number,
            "my_participant": False,
            "name": person.name,
            "organizer": person.organizer,
            "phone_number": person.phone_number,
            "sign_method": person.sign_method,
            "sign_state": person.sign_state,
            "sign_state_updated_time": self.time(person.signed),
            "signatory": person.signatory,
            "title": person.title,
            "two_step_authentication_method": person.two_step,
        }

    def product(self, product: Product) -> Json:
        """Write a row of a product table."""
        return {
            "_private_ownerside": {"created_time": self.time(product.created), "updated_time": None},
            "counterparty_lock": product.counterparty_lock,
            "description": product.description,
            "id": product.id,
            "name": product.name,
            "price_1": _price(product.price_1),
            "price_2": _price(product.price_2),
            "quantity": {"amount": _number(product.quantity), "type": product.quantity_type},
        }

    def group(self, group: ProductGroup) -> Json:
        """Write a product table."""
        return {
            "_private_ownerside": {"created_time": self.time(group.created), "updated_time": self.time(group.updated)},
            "configuration": {
                "columns": [{"enabled": True, "key": key, "label": ""} for key in _COLUMNS],
                "counterpart_edit": False,
                "hide_price_summation": group.hide_price_summation,
                "name": {"enabled": True, "label": ""},
                "price_affixes": {"prefix": "", "postfix": ""},
                "price_precision": 2,
                "quantity_precision": 0,
            },
            "created_from": "template",
            "enabled_columns": list(_COLUMNS),
            "id": group.id,
            "products": [self.product(each) for each in group.products],
        }

    def contract(self, contract: Contract) -> Json:
        """Write one contract."""
        more: Json = {
            "_integration_permissions": [],
            "available_options": self.options(contract.template),
            "data_fields": [self.data_field(each) for each in contract.fields],
            "draft_approval_workflow": None,
            "links": [],
            "product_groups": [self.group(each) for each in contract.groups],
            "attachment_file_groups": [],
            "pdf_file_groups": [],
            "sign_order": [],
        }
        shown = {**self._contract(contract), **more}
        shown["_permissions"] |= {"contract:download:pdf": True, "contract:send": True}
        shown["_private"] |= {"date_format": "", "folder": None, "signing_period_expiration": contract.expiration}
        return shown

    def listed(self, contract: Contract) -> Json:
        """Write a contract as lists show it: without data fields and products, if not switched."""
        if self.switches.list_fields == "absent":
            return self._contract(contract)
        whole = self.contract(contract)
        return {**self._contract(contract), **{name: whole[name] for name in ("data_fields", "product_groups")}}

    def event(self, event: Event) -> Json:
        """Write an event; a notice writes it with another form of time."""
        return {"created_time": self.time(event.created), "id": event.id, "type": event.type}

    def _contract(self, contract: Contract) -> Json:
        kind = contract.template.type
        return {
            "_links": self._links(contract),
            "_permissions": {"contract:delete": True},
            "_private": {"name": contract.name, "value": contract.amount, "workspace_id": contract.workspace},
            "_private_ownerside": {
                "created_time": self.time(contract.created),
                "template_id": contract.template.id,
                "template_type_id": kind.id if kind else None,
            },
            "id": contract.id,
            "tags": [],
            "lifecycle_settings": {
                "duration": None,
                "end_date": None,
                "initial_duration": None,
                "notice_period": None,
                "start_date": None,
                "type": "no_duration",
            },
            "lifecycle_state": self._lifecycle(contract),
            "parties": [self.party(each) for each in contract.parties],
            "published_time": self.time(contract.published),
            "signing_period_expiry_time": self.time(contract.expires),
            "state": contract.state,
            "state_updated_time": self.time(contract.state_updated),
            "updated_time": self.time(contract.updated),
        }

    def _links(self, contract: Contract) -> Json:
        here = f"{self.base}/contracts/{contract.id}"
        kind = contract.template.type
        return {
            **{name: {"href": f"{here}/{name}"} for name in ("data_fields", "events", "files", "parties", "publish")},
            "self": {"href": here},
            "template": {"href": f"{self.base}/templates/{contract.template.id}"},
            "template_type": {"href": f"{self.base}/template_types/{kind.id}" if kind else None},
            "workspace": {"href": f"{self.base}/workspaces/{contract.workspace}"},
        }

    def _lifecycle(self, contract: Contract) -> Json:
        since = self.time(contract.lifecycle_updated)
        return {
            "contract_end_time": since if contract.lifecycle == "ended" else None,
            "contract_start_time": since if contract.lifecycle == "active" else None,
            "cancel_time": self.time(contract.canceled),
            "has_ended_by_termination": contract.terminated,
            "has_passed_notice_period_start_time": False,
            "is_canceled": contract.canceled is not None,
            "is_recurring": False,
            "lifecycle_state": contract.lifecycle,
            "lifecycle_state_updated_time": since,
            "notice_period_start_time": None,
            "period": None,
            "period_end_time": None,
            "period_start_time": None,
        }


def _price(price: Price) -> Json:
    percent = price.discount * 100 / price.base if price.base else Decimal(0)
    return {
        "amount": {"amount": f"{price.base - price.discount:.2f}"},
        "base_amount": {"amount": f"{price.base:.2f}"},
        "discount_amount": {"amount": f"{price.discount:.2f}"},
        "discount_percent": f"{percent:.3f}",
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
