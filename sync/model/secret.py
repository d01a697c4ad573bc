"""A secret that cannot be shown by accident."""


class Secret:
    """Wraps a secret text: prints as stars, is not serializable, and is opened only on purpose."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the line that hands it to its system."""
        return self._text

    def __eq__(self, other: object) -> bool:
        """Two secrets are equal when their texts are."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by text, so that equal secrets are one key."""
        return hash(self._text)

    def __repr__(self) -> str:
        """Stars, whatever the secret."""
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        """Refuse to be pickled or copied into a payload."""
        msg = "a secret is not serializable"
        raise TypeError(msg)
