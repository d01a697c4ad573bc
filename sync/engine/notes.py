"""Where the notes of a checkpoint lie, and how they are read together."""

from collections.abc import Iterable

from sync.model.checkpoint import Checkpoint, Doubt, GroupDiff, GroupResult, Note, Plan, Range, StagedPage, Weight
from sync.model.entity import EntityType

MOST_NOTES = 100
"""Notes in one write."""

NOTE_TYPES: dict[str, type[Note]] = {
    "plan": Plan,
    "range": Range,
    "page": StagedPage,
    "group": GroupResult,
    "weight": Weight,
    "doubt": Doubt,
    "diff": GroupDiff,
}
"""What a row key tells between its first and its second underscore."""

_OF_GROUPS: dict[type[Note], str] = {GroupResult: "group", Weight: "weight", GroupDiff: "diff"}


def note_key(note: Note) -> str:
    """Return the key of a note: another one of the same plan, range, page or group has the same."""
    match note:
        case Plan():
            return f"{note.entity}_plan"
        case Range():
            return f"{note.entity}_range_{note.index:06d}"
        case StagedPage():
            return f"{_pages_of(note.entity, note.range_index)}{note.walk:04d}_{note.page:06d}"
        case GroupResult() | Weight() | GroupDiff():
            return f"{note.entity}_{_OF_GROUPS[type(note)]}_{note.group:06d}"
        case _:
            return f"{note.entity}_doubt"


def keyed_notes(notes: Iterable[Note]) -> dict[str, Note]:
    """Return the notes by key, a later one of the same key instead of an earlier.

    Raises:
        ValueError: These are more than one write may hold.
    """
    keyed = {note_key(note): note for note in notes}
    if len(keyed) > MOST_NOTES:
        raise ValueError(f"more than {MOST_NOTES} notes in one write")
    return keyed


def superseded_pages(known: Iterable[str], keyed: dict[str, Note]) -> list[str]:
    """Return the known keys of staged pages that end when the ranges among the notes start again."""
    ranges = tuple(_pages_of(note.entity, note.index) for note in keyed.values() if isinstance(note, Range))
    return [key for key in known if key.startswith(ranges) and key not in keyed]


def build_checkpoint(notes: Iterable[Note]) -> Checkpoint:
    """Return the notes of one entity type, in the order of their keys; pages of earlier walks are left out."""
    ordered = sorted(notes, key=note_key)
    ranges = tuple(note for note in ordered if isinstance(note, Range))
    walks = {note.index: note.walk for note in ranges}
    return Checkpoint(
        plan=next((note for note in ordered if isinstance(note, Plan)), None),
        ranges=ranges,
        pages=tuple(
            note
            for note in ordered
            if isinstance(note, StagedPage) and note.walk >= walks.get(note.range_index, note.walk)
        ),
        groups=tuple(note for note in ordered if isinstance(note, GroupResult)),
        weights=tuple(note for note in ordered if isinstance(note, Weight)),
        doubt=next((note for note in ordered if isinstance(note, Doubt)), None),
        diffs=tuple(note for note in ordered if isinstance(note, GroupDiff)),
    )


def with_notes(known: Checkpoint, notes: Iterable[Note]) -> Checkpoint:
    """Return the checkpoint as it is read once these notes, all of its own entity type, are written."""
    before = (known.plan, *known.ranges, *known.pages, *known.groups, *known.weights, *known.diffs, known.doubt)
    return build_checkpoint({note_key(note): note for note in (*before, *notes) if note is not None}.values())


def _pages_of(entity: EntityType, range_index: int) -> str:
    return f"{entity}_page_{range_index:06d}_"
