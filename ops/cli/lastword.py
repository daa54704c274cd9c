"""The audits that have a playbook's last word: who can still get in, once somebody has left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.cli.access import tell_access, tell_kept
from ops.cli.looking import look
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.waiving import Parts
from ops.playbook import Playbook, fill

Looks = Sequence[tuple[str, str, Parts, str]]  # the account, the run that looked, what it saw, which audit


KEPT = "user.backup"


@dataclass(frozen=True)
class LastWord:
    """What is looked at after a playbook, for one set of answers."""

    site: Site
    book: Playbook
    answers: Mapping[str, str]
    options: Options

    def look(self) -> Looks:
        """Run each audit; each is a record of its own."""
        found = []
        for one in self.book.afterwards:
            arguments = {name: fill(text, self.answers) for name, text in one.arguments.items()}
            run, parts = look(self.site, one.audit, arguments)
            found.append((arguments.get("account", ""), run, parts, one.audit))
        return found

    def tell(self, looks: Looks) -> None:
        """Show them, but for whoever wanted JSON."""
        for account, run, parts, audit in looks if not self.options.json else ():
            (tell_kept if audit == KEPT else tell_access)(account, run, parts)
