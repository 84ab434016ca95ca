"""The results of a run: journal, roll-up, results.json, manifest and lock."""
