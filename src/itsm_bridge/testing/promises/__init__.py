"""What every adapter promises, by subject; each promise is one test."""
