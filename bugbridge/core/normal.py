"""Quantiles of the normal distribution."""

# Of limits on both sides, and of one on one side, that hold in 95 of 100 cases.
NORMAL_95 = 1.959963984540054
NORMAL_95_ONE_SIDED = 1.6448536269514722
