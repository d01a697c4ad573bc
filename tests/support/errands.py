"""Runs the errands that are due, as the timer and the workflow behind it do."""

from dataclasses import dataclass, field
from typing import Any

from sync.orchestrators import compare_contracts
from sync.services.bridge_desk import BridgeDesk
from sync.services.heeding import Reconcile, compare_lot, plan_comparisons, start_comparisons
from tests.support.host import settle
from tests.support.script import Script


@dataclass(slots=True)
class ErrandLauncher:
    """Carries the workflow of an integration as soon as it is started; of those that are `busy` none is."""

    desk: BridgeDesk
    reconcile: Reconcile
    busy: frozenset[str] = frozenset()
    carried: dict[str, Script] = field(default_factory=dict)

    async def compare(self, integration_id: str) -> bool:
        if integration_id in self.busy:
            return False
        self.carried[integration_id] = self._carry(integration_id)
        return True

    def _carry(self, integration_id: str) -> Script:
        def compare(job: dict[str, Any]) -> None:
            compare_lot(self.desk, job["integrationId"], job["contracts"], reconcile=self.reconcile)

        answers = {"plan_comparisons": lambda job: plan_comparisons(self.desk, job["integrationId"])}
        script = Script({**answers, "compare_lot": compare})
        script.carry(compare_contracts, {"integrationId": integration_id})
        return script


def run_errands(desk: BridgeDesk, reconcile: Reconcile) -> int:
    """Run everything that is due, and return for how many integrations."""
    return int(settle(start_comparisons(desk, ErrandLauncher(desk, reconcile))))
