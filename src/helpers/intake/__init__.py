"""A first study: one guessed from plain exports, or one of real data from installed packages."""
