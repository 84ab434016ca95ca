"""The checks: each derived by hand from its requirement, by subject of the register."""
