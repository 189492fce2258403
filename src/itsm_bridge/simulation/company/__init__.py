"""What the seeded companies of simulated tools share: what people write, when things happen, what is to be wrong.

A company tells stories of tickets, months of them until now, some flawed on purpose: `planted` says which. The
stories are the tool's own; `Chance`, `Plan` and the words are not.
"""

from __future__ import annotations

from itsm_bridge.simulation.company.chance import Chance
from itsm_bridge.simulation.company.flaws import Flaw, Flaws, Plan, plans

__all__ = ["Chance", "Flaw", "Flaws", "Plan", "plans"]
