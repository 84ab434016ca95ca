"""Mutants of the reference's code: what would a certification say of each?"""
