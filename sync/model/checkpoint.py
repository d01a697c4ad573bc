"""How far a run has come: enough to go on after a crash without reading more than one page of a range again."""

from dataclasses import dataclass, field
from datetime import datetime

from sync.model.approval import FieldChange
from sync.model.entity import EntityType
from sync.model.proposal import Chunk
from sync.model.run import Tally


@dataclass(frozen=True, slots=True)
class RunKey:
    """A run of an integration, as stores address it."""

    integration_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run reads of one entity type; times are on the source's clock."""

    entity: EntityType
    started_at: datetime
    since: datetime | None
    """Records modified at or after this instant; None when time does not matter."""
    everything: bool
    """Whether the whole entity set is listed, so that what does not come is not there."""
    expected: int | None
    """The source's count when everything is read."""
    buckets: int
    groups: int
    """Buckets are written in this many groups of neighbours."""
    source: str
    moves_watermark: bool
    page_size: int
    first_run: bool = False
    """Whether the set was made for this run, so that no manifest can exist yet."""
    recount: int | None = None
    """The source's count after reading, when it was asked again."""
    largest_loss: float = 1.0
    """The share of the stored records that may be missing from a full listing that is to be believed."""
    filter: str | None = None
    """What the mapping asks for, where it does not ask for everything."""


@dataclass(frozen=True, slots=True)
class Range:
    """A half-open span of record numbers, walked page by page; None is open."""

    entity: EntityType
    index: int
    low: str | None = None
    high: str | None = None
    cursor: str | None = None
    """Where the next page is; None before the first page and after the last."""
    pages: int = 0
    walk: int = 1
    page_size: int | None = None
    """Records asked for at a time, when the source was too slow for the plan's size."""
    done: bool = False
    failed: str | None = None
    """Why the rest of the range could not be read."""


@dataclass(frozen=True, slots=True)
class StagedPage:
    """One page, mapped and staged by bucket group: group g is bytes offsets[g] to offsets[g + 1] of the blob."""

    entity: EntityType
    range_index: int
    walk: int
    page: int
    name: str
    records: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What writing one group of buckets came to: absolute counts of this run, however often it was tried."""

    entity: EntityType
    group: int
    tally: Tally
    absent: int = 0
    """Stored records, present so far, that the run did not read."""
    gone: int = 0
    """Stored records that are known to be gone from the source."""
    forgotten: int = 0
    """Failed records without a row that the run did not read."""
    stored: int = 0
    """Records that are stored in the buckets that were written, and not gone; those that are absent are among them."""
    retired: int = 0
    """Stored records that this run marked as gone; `gone` counts them, too."""
    planned: bool = False
    """Whether this is what would come of it, and nothing was written."""


@dataclass(frozen=True, slots=True)
class GroupDiff:
    """Where it is told, row by row, what a group would become."""

    entity: EntityType
    group: int
    name: str
    chunks: tuple[Chunk, ...]

    @property
    def size(self) -> int:
        """Bytes of the blob."""
        return self.chunks[-1].end if self.chunks else 0


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a full listing lacks of what is stored, and what it holds instead; counts of records."""

    absent: int = 0
    """Stored records, present so far, that it lacks."""
    created: int = 0
    """Records in it that were not stored."""
    again: int = 0
    """Stored records in it."""

    def __add__(self, other: "Turnover") -> "Turnover":
        """Add up two parts of a listing."""
        return Turnover(self.absent + other.absent, self.created + other.created, self.again + other.again)


@dataclass(frozen=True, slots=True)
class Weight:
    """What writing one group would do to records that are stored."""

    entity: EntityType
    group: int
    changes: int
    """Stored records whose fields would change."""
    known: int
    """Records that are stored in the buckets looked at: no more than there are in all."""
    blanks: int | None = None
    """Records in which a field would lose its value; None until the rows were looked at."""
    sample: tuple[FieldChange, ...] = ()
    turnover: Turnover = field(default_factory=Turnover)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Whether an entity type of a run would change too much at once to be written without being asked for."""

    entity: EntityType
    stored: int
    """Records that the source has stored in all."""
    held: bool | None = None
    """None until the rows of all groups were looked at."""
    changes: int = 0
    blanks: int = 0
    sample: tuple[FieldChange, ...] = ()
    replaced: Turnover | None = None
    """What was lost and found, when the listing looks like another company's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything noted so far about one entity type of a run."""

    plan: Plan | None
    ranges: tuple[Range, ...] = ()
    pages: tuple[StagedPage, ...] = ()
    groups: tuple[GroupResult, ...] = ()
    weights: tuple[Weight, ...] = ()
    doubt: Doubt | None = None
    diffs: tuple[GroupDiff, ...] = ()


type Note = Plan | Range | StagedPage | GroupResult | Weight | Doubt | GroupDiff
