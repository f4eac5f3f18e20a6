"""The matplotlib backend of the site: ``plt.show()`` keeps the figure for the page.

A section draws as any script does.  Shown here, the figure is kept twice, for
light and for dark pages: everything is drawn in one ink on a transparent
ground, and the dark variant swaps the ink.  This is the one place that holds
the style of all figures.
"""

from __future__ import annotations

import io

from matplotlib import pyplot
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG

LIGHT_INK = "#24292f"
DARK_INK = "#e2e4e9"
SERIES = ["#3d7eea", "#e0702b", "#2f9e6e", "#b65fcf", "#c9a227", "#d64550"]
"""Readable on white and on near-black: contrast with either is 3:1 or more."""

STYLE = {
    "axes.edgecolor": LIGHT_INK,
    "axes.facecolor": "none",
    "axes.labelcolor": LIGHT_INK,
    "axes.prop_cycle": pyplot.cycler(color=SERIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": LIGHT_INK,
    "axes.titlesize": 12,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.alpha": 0.3,
    "grid.color": LIGHT_INK,
    "hatch.color": LIGHT_INK,
    "legend.facecolor": "none",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "patch.edgecolor": LIGHT_INK,
    "savefig.bbox": "tight",
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "figure",
    "text.color": LIGHT_INK,
    "xtick.color": LIGHT_INK,
    "ytick.color": LIGHT_INK,
}

kept: list[dict[str, str]] = []
"""Figures shown in this process, as SVG by variant; each run has its own process."""


class FigureManager(FigureManagerBase):
    """Keeps what other backends put into a window."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        for manager in Gcf.get_all_fig_managers():
            kept.append(variants(manager.canvas.figure))
        pyplot.close("all")


class FigureCanvas(FigureCanvasSVG):
    manager_class = FigureManager


def variants(figure) -> dict[str, str]:
    """Draw a figure as SVG, for light and for dark pages."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    light = stream.getvalue()
    return {"light": light, "dark": light.replace(LIGHT_INK, DARK_INK)}
