"""How Oneflow writes what belongs to an account."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.oneflow.model import (
    Account,
    Template,
    TemplateType,
    TypeField,
    User,
    Webhook,
    Workspace,
)
from sandbox.oneflow.switches import OneflowSwitches

type Json = dict[str, Any]

_SIGN_METHODS = ({"name": "standard_esign", "preferred": True},)
_CHANNELS = (
    {"name": "email", "preferred": True, "required_participant_attributes": ["email"]},
    {"name": "none", "preferred": False, "required_participant_attributes": []},
)
_TWO_STEP = (
    {"name": "email", "preferred": False, "required_participant_attributes": ["email"]},
    {"name": "none", "preferred": True, "required_participant_attributes": []},
)


@dataclass(frozen=True, slots=True)
class AccountShapes:
    """Writes for one caller; `base` is the address of the API as the caller knows it."""

    base: str
    switches: OneflowSwitches

    def time(self, seconds: int | None) -> str | None:
        """Write an instant, to the second."""
        if seconds is None:
            return None
        text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
        return text + ("+00:00" if self.switches.time_form == "colon" else "+0000")

    def account(self, account: Account) -> Json:
        """Write the account of the caller."""
        return {
            "_links": {"self": {"href": f"{self.base}/accounts/me"}},
            "country_code": "SE",
            "created_time": self.time(account.created),
            "id": account.id,
            "name": account.name,
            "registration_number": "581978-0000",
            "token_info": {"integration": {"id": None, "key": "custom"}},
            "updated_time": self.time(account.created),
        }

    def user(self, user: User) -> Json:
        """Write a user."""
        return {
            "_links": {"self": {"href": f"{self.base}/users/{user.id}"}},
            "active": user.active,
            "email": user.email,
            "id": user.id,
            "is_admin": user.admin,
            "name": user.name,
            "phone_number": "",
            "state": "registered",
            "title": "",
        }

    def workspace(self, workspace: Workspace, company: str) -> Json:
        """Write a workspace."""
        return {
            "_links": {"self": {"href": f"{self.base}/workspaces/{workspace.id}"}},
            "_permissions": {"contract:create": workspace.may_create},
            "company_name": company,
            "country_code": "SE",
            "created_time": self.time(workspace.created),
            "date_format": "",
            "description": "",
            "id": workspace.id,
            "name": workspace.name,
            "registration_number": "581978-0000",
            "updated_time": None,
        }

    def template(self, template: Template) -> Json:
        """Write a template as lists show it."""
        kind = template.type
        href = f"{self.base}/template_types/{kind.id}" if kind else None
        return {
            "_links": {"self": {"href": f"{self.base}/templates/{template.id}"}, "template_type": {"href": href}},
            "available_options": self.options(template),
            "created_time": self.time(template.created),
            "id": template.id,
            "name": template.name,
            "tags": [],
            "template_active": template.active,
            "template_type": self._type(kind) if kind else None,
            "updated_time": self.time(template.created),
        }

    def full_template(self, template: Template, workspaces: list[Json]) -> Json:
        """Write one template."""
        more = {"configuration": {"default_creator_roles": []}, "workspaces": workspaces}
        return {**self.template(template), **more}

    def template_type(self, kind: TemplateType) -> Json:
        """Write a template type as lists show it."""
        return {"_links": {"self": {"href": f"{self.base}/template_types/{kind.id}"}}, **self._type(kind)}

    def full_type(self, kind: TemplateType) -> Json:
        """Write one template type with its data fields."""
        fields = [self.type_field(each) for each in kind.fields.values()]
        return {**self.template_type(kind), "active": True, "data_fields": fields}

    def type_field(self, field: TypeField) -> Json:
        """Write a data field of a template type."""
        return {
            "active": field.active,
            "custom_id": field.custom_id,
            "description": field.description,
            "id": field.id,
            "name": field.name,
            "placeholder": field.placeholder,
            "source": field.source,
            "value": field.value,
        }

    def webhook(self, webhook: Webhook) -> Json:
        """Write a webhook."""
        return {
            self.switches.webhook_id: webhook.id,
            "callback_url": webhook.callback_url,
            "sign_key": webhook.sign_key,
            "template_group_id": webhook.template_group_id,
            "integration_process_id": webhook.integration_process_id,
            "filters": webhook.filters,
        }

    def _type(self, kind: TemplateType) -> Json:
        return {
            "created_time": self.time(kind.created),
            "description": kind.description,
            "extension_type": kind.extension_type,
            "id": kind.id,
            "name": kind.name,
            "updated_time": self.time(kind.updated),
        }

    @staticmethod
    def options(template: Template) -> Json:
        """Write what a template allows."""
        return {
            "can_receive_attachments": False,
            "can_receive_expanded_pdf": True,
            "can_receive_products": template.products,
            "delivery_channels": list(_CHANNELS),
            "sign_methods": list(_SIGN_METHODS),
            "two_step_authentication_methods": list(_TWO_STEP),
        }
