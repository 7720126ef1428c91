"""Commands by the names that they once had."""

from typing import Any

from typer.core import TyperGroup

RENAMED = {"hearing": "role-classifier"}  # what a command was once called


class SuggestingGroup(TyperGroup):
    """A group of commands that knows how commands were once called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; an old name brings the new one into the message."""
        try:
            return super().resolve_command(ctx, args)
        except Exception as error:
            if args and args[0] in RENAMED and hasattr(error, "message"):
                error.message = f"{error.message.rstrip('.')}. Did you mean '{RENAMED[args[0]]}'?"
            raise
