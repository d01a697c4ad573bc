"""All tables of the simulated organization."""

from sandbox.dataverse import commonplace, deals, extras
from sandbox.dataverse.schema import Catalog

CATALOG = Catalog((*commonplace.TABLES, *deals.TABLES, *extras.TABLES))
