"""What a rule may depend on, as data: who calls, how, on what, in which state, and when.

Each module has one kind of dimension. A value is derived from the right one where it can be, so
that it differs from it in one thing only.
"""
