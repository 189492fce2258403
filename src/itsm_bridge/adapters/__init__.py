"""Adapters that the core brings itself."""
