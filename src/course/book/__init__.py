"""How the book is read, checked and built: pages, claims, formulas, figures, the site."""
