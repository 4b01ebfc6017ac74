def problems_of(world): return []
