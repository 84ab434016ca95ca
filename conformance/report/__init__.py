"""Every report of a run, made from its journal and results alone."""
