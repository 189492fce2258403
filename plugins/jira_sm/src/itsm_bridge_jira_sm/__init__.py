"""Jira Service Management adapter for itsm-bridge: registers nothing yet."""
