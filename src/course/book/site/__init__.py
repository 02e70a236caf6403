"""What turns checked pages into the site: maths, the book's own blocks, the evidence, the last touches."""
