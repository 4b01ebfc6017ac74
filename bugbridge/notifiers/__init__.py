"""Ways to tell people that something waits for them, a file each; none is imported before it is used."""
