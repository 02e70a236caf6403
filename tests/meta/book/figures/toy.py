"""A figure as it should be."""

from figures.style import figure


@figure("toy/steps", x=[1, 2, 4])
def steps(sheet, x):
    assert x.tolist() == [1, 2, 4]
    sheet.write(f"steps {x.tolist()}")
