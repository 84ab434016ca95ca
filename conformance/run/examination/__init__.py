"""Whether a run that somebody handed on is what it says."""
