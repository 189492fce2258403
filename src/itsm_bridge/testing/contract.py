"""The suite in one class: an adapter author extends it and names the world."""

from __future__ import annotations

from itsm_bridge.testing.promises.changes import Changes
from itsm_bridge.testing.promises.conduct import Conduct
from itsm_bridge.testing.promises.faults import Faults
from itsm_bridge.testing.promises.reading import Reading
from itsm_bridge.testing.promises.rights import Rights


class AdapterContract(Reading, Changes, Rights, Faults, Conduct):
    """All promises of an adapter; a class that extends it sets `world` to the author's `World`."""
