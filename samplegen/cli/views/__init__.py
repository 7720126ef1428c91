"""Tables, grids, pages and live displays of the terminal."""
