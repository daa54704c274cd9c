"""Every error a person can meet: one family, one exit code each, one line of what to do next.

Library exceptions are translated where the library is used and caught once, at the edge of the command
line. The exit codes are those of ``ops help exit-codes``; ``page`` names the error's page in the docs.
"""

from __future__ import annotations

from typing import ClassVar, Self


class OpsError(Exception):
    """An expected failure. ``message`` says what; ``hint`` says the next step; nothing is ever secret."""

    exit_code: ClassVar[int] = 1
    page: ClassVar[str] = "failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def retold(self, message: str, *, hint: str) -> Self:
        """The same error, with all that is known of it, in another text; a kind may be made of other words."""
        other = type(self).__new__(type(self), message)
        other.__dict__.update(self.__dict__, hint=hint)
        return other


class InvalidRequest(OpsError):
    """The command, playbook, file or setting asks for something that cannot be."""

    exit_code = 2
    page = "invalid-request"


class Unreachable(OpsError):
    """A target did not answer, or its certificate could not be verified. Nothing was changed."""

    page = "unreachable"


class NotOffered(OpsError):
    """The target answered, and cannot do this; what does not need it goes on."""

    page = "not-offered"


class NotFound(OpsError):
    """The target answered, and has no such object."""

    page = "not-found"


class ApplyFailed(OpsError):
    """A change was attempted and the target said no; nothing of it happened."""

    page = "apply-failed"


class NotVerified(OpsError):
    """All changes were applied, yet the target is not as planned."""

    page = "not-verified"


class ChangesPending(OpsError):
    """``--check`` found something to change, or a look something that is still open."""

    exit_code = 3
    page = "changes-pending"


class NotWell(ChangesPending):
    """An audit found something that is bad enough to be told by the exit code."""

    page = "not-well"


class NotAuthorised(OpsError):
    """Credentials, rights or an approval are missing."""

    exit_code = 4
    page = "not-authorised"


class PartlyDone(OpsError):
    """Some rows or changes are done and others are not; the record says which."""

    exit_code = 5
    page = "partly-done"


class Refused(OpsError):
    """We could, and a guard says we must not."""

    exit_code = 6
    page = "refused"


class Conflict(OpsError):
    """The target is no longer as it was when the plan was made; plan again."""

    exit_code = 6
    page = "conflict"


class EvidenceUnavailable(OpsError):
    """Evidence cannot be written, so nothing was changed."""

    exit_code = 7
    page = "evidence-unavailable"


class OutcomeUnknown(OpsError):
    """A change was started and nobody can say yet whether it happened; resume reads the target."""

    exit_code = 8
    page = "outcome-unknown"


class EvidenceInvalid(OpsError):
    """A chain, record or signature does not hold. ``chain`` and ``seq`` say where, if known."""

    exit_code = 9
    page = "evidence-invalid"

    def __init__(self, message: str, *, hint: str = "", chain: str = "", seq: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.chain, self.seq = chain, seq
