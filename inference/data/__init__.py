"""Pictures to learn from and to judge on. May import catalog, images and networks."""
