"""Prints measurements as a table for people and as JSON rows."""

import statistics
import textwrap


class Table:
    """Rows are printed as soon as they are measured, and kept for JSON."""

    def __init__(self):
        self.rows = []

    def add(self, name, measured, baseline, target, met, unit="", why=""):
        """Adds values of the same runs; `target` is text, `met` a function of
        the ratio.
        `why` is the known reason, printed if the target is missed.
        """
        ratios = [m / b for m, b in zip(measured, baseline)]
        ratio = statistics.median(ratios)
        self._print(dict(
            name=name, unit=unit,
            measured=statistics.median(measured),
            baseline=statistics.median(baseline),
            ratio=ratio, least=min(ratios), most=max(ratios),
            runs=len(ratios), target=target, met=bool(met(ratio))), why)

    def add_value(self, name, value, unit, target, met, why=""):
        self._print(dict(name=name, unit=unit, measured=value,
                         target=target, met=bool(met(value))), why)

    def note(self, name, value, unit):
        """Adds a figure that explains others; it has no target."""
        self.add_value(name, value, unit, "none", lambda v: True)

    def _print(self, row, why):
        if why and not row["met"]:
            row["why"] = why
        self.rows.append(row)
        text = f"{row['name']:<52} {row['measured']:>12,.4g} {row['unit']:<9}"
        if "ratio" in row:
            text += (f" baseline {row['baseline']:>10,.4g}  ratio "
                     f"{row['ratio']:.2f} ({row['least']:.2f}-"
                     f"{row['most']:.2f}, {row['runs']} runs)")
        if row["target"] != "none":
            text += (f"  target {row['target']}: "
                     f"{'met' if row['met'] else 'MISSED'}")
        print(text, flush=True)
        if "why" in row:
            print(textwrap.fill(row["why"], initial_indent="    ",
                                subsequent_indent="    "), flush=True)
