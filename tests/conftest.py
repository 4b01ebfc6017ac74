"""Settings that every test shares."""

from hypothesis import settings

# A deadline per example would be a wall-clock assertion: busy machines would fail it.
settings.register_profile("bugbridge", deadline=None, print_blob=True)
settings.load_profile("bugbridge")
