"""OTRS, Znuny and OTOBO adapter for itsm-bridge: registers nothing yet."""
