"""What was measured, as a table for people and rows for JSON."""

import statistics
import textwrap


class Table:
    """Rows as they are measured; printed at once, and kept for JSON."""

    def __init__(self):
        self.rows = []

    def add(self, name, measured, baseline, target, met, unit="", why=""):
        """Values of the same runs; `target` in words, `met` of the ratio.

        `why`: what is known of the reason, told where the target is missed.
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
        """A figure that stands there for the others; it has no target."""
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
