"""Policy: what an organisation decides itself, read from a folder of TOML and CSV files (design §8)."""

from __future__ import annotations

from itsm_bridge.policy.choices import ParameterValue
from itsm_bridge.policy.load import Policy, forms, load_policy, policy_from_contents, template
from itsm_bridge.policy.parameter_file import parameter_template

__all__ = ["ParameterValue", "Policy", "forms", "load_policy", "parameter_template", "policy_from_contents", "template"]
