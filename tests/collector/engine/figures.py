"""The matplotlib backend of the site: ``plt.show()`` keeps the figure for the page.

A section draws as any script does.  Shown here, the figure is kept twice, for
light and for dark pages: all is drawn in one ink on a transparent ground (see
``matplotlibrc`` beside this file), and the dark variant swaps the ink.
"""

from __future__ import annotations

import io

from matplotlib import pyplot, rcParams
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

LIGHT_INK = rcParams["text.color"]
DARK_INK = "#e2e4e9"

kept: list[dict[str, str]] = []
"""Figures shown in this process, as SVG by variant; each run has its own process."""


class FigureManager(FigureManagerBase):
    """Keeps figures that other backends would put into a window."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        for manager in Gcf.get_all_fig_managers():
            kept.append(variants(manager.canvas.figure))
        pyplot.close("all")


class FigureCanvas(FigureCanvasSVG):
    manager_class = FigureManager


def variants(figure: Figure) -> dict[str, str]:
    """Draw a figure as SVG, for light and for dark pages."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    light = stream.getvalue()
    return {"light": light, "dark": light.replace(LIGHT_INK, DARK_INK)}


def warm() -> None:
    """Draw once, so that fonts are read before a fork and not after each."""
    figure = Figure()
    figure.subplots().set_title(r"$x$")
    variants(figure)
