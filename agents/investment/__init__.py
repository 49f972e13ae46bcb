"""Investment banking: what clients ask for, and whether they get it."""
