"""A first certification rehearsed from the outside, with the commands that an integrator has."""
