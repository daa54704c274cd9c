"""A host as it will be: another reader overlaid with changes. Over nothing, it is a host in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ops.adapters.host import NEVER, PASSING, Fields, Host, HostReader, Machine, as_wished, named
from ops.change import Change, one_by_one
from ops.errors import Conflict, OpsError

Known = dict[str, Fields | None]
AT_BIRTH: Fields = {"locked": "no", "expires": NEVER}  # what useradd leaves where nothing else is said
OF_LOGIN = ("keys", "jobs", "queued", "linger", "processes")  # things that only a login has


class ProjectedHost(Host):
    """Things once read or changed are kept here; the base is never written."""

    def __init__(
        self, base: HostReader | None = None, known: Mapping[str, Fields] | None = None, machine: Machine | None = None
    ) -> None:
        self._base = base
        self._known: Known = dict(known or {})
        self._journal: list[tuple[str, Fields | None]] = []
        self._machine = machine or (base.machine if base else Machine("memory"))

    @property
    def machine(self) -> Machine:
        return self._machine

    def read(self, ref: str) -> Fields | None:
        if ref not in self._known:
            self._known[ref] = self._base.read(ref) if self._base else self._made_up(ref)
        return self._known[ref]

    def swap(self, ref: str, before: Fields | None, after: Fields | None) -> None:
        kind, name = ref.partition(":")[0], named(ref)
        found = self.read(ref)
        if kind == "quota" and found is None and self.read(f"folder:{name}"):
            found = {"limit": "none"}  # a folder that is only planned has none yet
        if not (kind in PASSING and after is None) and not as_wished(found, before):
            raise moved_on(ref)
        if kind in OF_LOGIN and self.read(f"login:{name}") is None:
            raise Conflict(f"there is no login {name} on {self.machine.name}", hint="plan again")
        if kind == "login" and before is None:
            self._uid_is_free((after or {}).get("uid", ""))
        if kind == "quota" and self.read(f"folder:{name}") is None:
            raise Conflict(f"there is no folder {name}", hint="plan again")
        if kind == "archive" and after and self.read(f"folder:{after['folder']}") is None:
            raise Conflict(f"there is no folder {after['folder']}", hint="plan again")
        birth = AT_BIRTH if kind == "login" else {}
        new = None if after is None else {**birth, **(found or {}), **after}
        if kind == "keys" and new is not None and after is not None:
            new = dict(after)
        self._keep(ref, self._touched(kind, new))
        if kind == "keys" and self._base is None:
            self._stir(name)
        if kind == "login":
            self._number(found, new)

    def _touched(self, kind: str, new: Fields | None) -> Fields | None:
        """In memory a folder's state tells one content from another, as it does on a host."""
        if kind != "folder" or new is None or "state" in new:
            return new
        return {"acl": "", **new, "state": "empty"} if self._base is None else new

    def _stir(self, login: str) -> None:
        """In memory too, what happens to keys happens in a home."""
        ref = f"folder:{(self.read(f'login:{login}') or {}).get('home', '')}"
        if home := self._known.get(ref):
            self._keep(ref, {**home, "state": f"{home['state']}+"})

    def _uid_is_free(self, uid: str) -> None:
        if taken := self.read(f"uid:{uid}"):
            raise Conflict(f"{taken['name']} has the number {uid} already on {self.machine.name}", hint="plan again")

    def _number(self, before: Fields | None, after: Fields | None) -> None:
        """Numbers go with logins."""
        if before:
            self._keep(f"uid:{before['uid']}", None)
        if after:
            self._keep(f"uid:{after['uid']}", {"name": after.get("name", "somebody")})

    def _made_up(self, ref: str) -> Fields | None:
        """In memory nothing is there that was not put there, but for numbers, doors and trials."""
        if ref.startswith("door:"):
            login = self.read(f"login:{named(ref)}")
            is_open = login and login["locked"] == "no" and login["expires"] == NEVER
            return {"ssh": "open" if is_open else "refused"} if login else None
        if ref.startswith("trial:"):
            return {"written": "yes"} if self.read(f"folder:{ref.split(':', 3)[3]}") else None
        if not ref.startswith("uid:"):
            return None
        logins = ((named(key), found) for key, found in self._known.items() if key.startswith("login:") and found)
        return next(({"name": name} for name, found in logins if found["uid"] == named(ref)), None)

    def _keep(self, ref: str, fields: Fields | None) -> None:
        self._journal.append((ref, self._known.get(ref)))
        self._known[ref] = fields

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            ref, self._known[ref] = self._journal.pop()

    def rehearsal(self) -> ProjectedHost:
        """A picture that knows what this one knows and asks nothing; what it is asked is noted."""
        return ProjectedHost(Remembered(self))

    def heir(self) -> ProjectedHost:
        """A fresh picture of the same host with what is planned here in it."""
        fresh = ProjectedHost(self._base, machine=self._machine)
        fresh._known = {ref: self._known[ref] for ref, _ in self._journal}
        return fresh

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Of a rehearsal: what was asked and is not known yet."""
        return {"ref": self._base.questions} if isinstance(self._base, Remembered) else {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Ask the base for many things at once."""
        many = getattr(self._base, "read_many", None)
        wanted = [ref for ref in questions.get("ref", ()) if ref not in self._known]
        self._known |= many(wanted) if many and wanted else {}

    def recall(self, ref: str) -> tuple[Fields | None] | None:
        """What is known of a thing, in a tuple; None if the base would have to be asked."""
        return (self._known[ref],) if ref in self._known else None

    def snapshot(self, refs: Iterable[str]) -> HostReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedHost:
        """A picture over this one; changes made to it stay there."""
        return ProjectedHost(self)

    def about(self, ref: str) -> str:
        """How a person knows a thing."""
        return f"{named(ref)} on {self.machine.name}"

    def apply_all(self, changes: Sequence[Change[Host]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


class Remembered(HostReader):
    """A reader that answers from what a picture knows already, and notes what it does not."""

    def __init__(self, picture: ProjectedHost) -> None:
        self._picture = picture
        self.questions: dict[str, None] = {}

    @property
    def machine(self) -> Machine:
        return self._picture.machine

    def read(self, ref: str) -> Fields | None:
        known = self._picture.recall(ref)
        if known is None:
            self.questions[ref] = None
        return known[0] if known else None


def moved_on(ref: str) -> Conflict:
    """The refusal to swap what is no longer as it was."""
    kind, _, name = ref.partition(":")
    words = {"login": "the login", "keys": "the keys of", "jobs": "the crontab of", "folder": "", "archive": ""}
    what = f"{words.get(kind, kind)} {name}".strip()
    return Conflict(f"{what} is no longer as it was when the plan was made", hint="plan again")
