"""Two figures that the run must refuse."""

from figures.style import figure


@figure("mistaken/blind", x=[1, 2, 4])
def blind(sheet, x):
    assert len(x) == 3
    sheet.write(f"blind {x.tolist()}")


@figure("mistaken/stale", x=[1, 2, 4])
def stale(sheet, x):
    assert x.tolist() == [1, 2, 4]
    sheet.write(f"stale {x.tolist()}")
