"""Whether a run is what it says: signing it, packing it for somebody else, and examining it."""
