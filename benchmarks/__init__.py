"""How fast itsm-bridge is, side by side with the alternative in the same run, as ratios. See README.md."""
