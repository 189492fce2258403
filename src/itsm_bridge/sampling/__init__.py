"""Sampling plan: which records people verify, drawn so that a second auditor draws the same (catalogue §4.3)."""

from __future__ import annotations

from itsm_bridge.sampling.draw import draw
from itsm_bridge.sampling.plan import CheckSample, Drawn, ProcessSample, SamplingPlan, discovery_size

__all__ = ["CheckSample", "Drawn", "ProcessSample", "SamplingPlan", "discovery_size", "draw"]
