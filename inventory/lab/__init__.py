"""The practice network: real servers on one machine, each its own host, with no way out.

One *anchor* process is PID 1 of anonymous namespaces; the end of the anchor is the end of everything.
"""

from __future__ import annotations

from inventory.lab.lab import PLACES, Lab, LabDown, Running, Status, packages
from inventory.lab.rights import TABLE, Right

__all__ = ["PLACES", "TABLE", "Lab", "LabDown", "Right", "Running", "Status", "packages"]
