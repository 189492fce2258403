"""Jira Service Management, Cloud and Data Center, keeps what every adapter promises."""

from __future__ import annotations

from itsm_bridge.testing import AdapterContract
from itsm_bridge_jira_sm.testing.contract import JiraDataCenterWorld, JiraWorld


class TestJiraCloud(AdapterContract):
    world = JiraWorld


class TestJiraDataCenter(AdapterContract):
    world = JiraDataCenterWorld
