"""How cities of one deployment share its pace: each has a fixed part, so nothing is counted."""
