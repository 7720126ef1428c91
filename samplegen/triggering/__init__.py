"""A beatboxed or tapped take plays a pack: its hits found, told apart, and struck anew to the sample."""
