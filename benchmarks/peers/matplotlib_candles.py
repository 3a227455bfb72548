"""
The peer of benchmarks.chart, in an environment of its own: the same candles and zones by matplotlib, tuned.

Reads one line of JSON with the figures, then draws once for every further line and answers with the seconds of
processor and the bytes it took. Tuned means no pyplot, collections instead of one artist per candle, Agg, no tight box.
"""

import io
import json
import sys
import time

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure


def draw(figures):
    figure = Figure(figsize=(10.8, 6.75), dpi=100, facecolor="#12151d")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.14, 0.74, 0.74), facecolor="#12151d")
    bars = figures["bars"]
    colours = ["#34c794" if bar[3] >= bar[0] else "#f6606c" for bar in bars]
    wicks = [((i, bar[2]), (i, bar[1])) for i, bar in enumerate(bars)]
    axes.add_collection(LineCollection(wicks, colors=colours, linewidths=2))
    bodies = [
        ((i - 0.36, o), (i - 0.36, c), (i + 0.36, c), (i + 0.36, o))
        for i, (o, _, _, c) in enumerate(bars)
    ]
    axes.add_collection(PolyCollection(bodies, facecolors=colours, edgecolors=colours))
    for low, high, label in figures["zones"]:
        axes.axhspan(low, high, color="#48361a")
        axes.text(len(bars) + 1, (low + high) / 2, label, color="#f6b44a", size=19, va="center")
    axes.axhline(bars[-1][3], color="white", linestyle="--")
    axes.set_xlim(-1, len(bars))
    axes.set_ylim(min(b[2] for b in bars) * 0.99, max(b[1] for b in bars) * 1.01)
    axes.set_xticks(range(0, len(bars), 24), figures["days"], size=19, color="#9ea6b8")
    axes.yaxis.tick_right()
    axes.tick_params(labelsize=19, colors="#9ea6b8")
    axes.grid(axis="y", color="#2c3240")
    figure.text(0.02, 0.92, figures["title"], size=30, color="white")
    figure.text(0.02, 0.03, figures["footer"], size=19, color="#9ea6b8")
    file = io.BytesIO()
    canvas.print_png(file)
    return file.getvalue()


def main():
    figures = json.loads(sys.stdin.readline())
    draw(figures)
    for _ in sys.stdin:
        began = time.process_time()
        size = len(draw(figures))
        print(json.dumps([time.process_time() - began, size]), flush=True)


if __name__ == "__main__":
    main()
