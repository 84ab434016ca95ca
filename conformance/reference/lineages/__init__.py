"""The lineages of DIGIT, one module each; `stock` has what all of them share but the strict one."""
