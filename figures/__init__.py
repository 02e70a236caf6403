"""The figures of the book: a module for each chapter, a function for each figure, the drawings beside them."""
