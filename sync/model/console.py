"""How people sign in to the console, and which pages may show its widget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Console:
    """The console as the authority knows it; an empty text is a setting that nobody has set."""

    client_id: str = ""
    authority: str = ""
    """Below it is the authority's OpenID configuration; without a slash at the end."""
    scope: str = ""
    """What a sign-in asks for, so that the token is one for the hub."""
    ancestors: tuple[str, ...] = ()
    """Origins whose pages may frame the widget, and give it a token; none is nobody."""
