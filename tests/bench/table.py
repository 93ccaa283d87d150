"""What was measured, as a table for people and rows for JSON."""

import statistics


class Table:
    """Rows as they are measured; printed at once, and kept for JSON."""

    def __init__(self):
        self.rows = []

    def add(self, name, measured, baseline, target, met, unit=""):
        """Values of the same runs; `target` in words, `met` of the ratio."""
        ratios = [m / b for m, b in zip(measured, baseline)]
        ratio = statistics.median(ratios)
        self._print(dict(
            name=name, unit=unit,
            measured=statistics.median(measured),
            baseline=statistics.median(baseline),
            ratio=ratio, least=min(ratios), most=max(ratios),
            runs=len(ratios), target=target, met=bool(met(ratio))))

    def add_value(self, name, value, unit, target, met):
        self._print(dict(name=name, unit=unit, measured=value,
                         target=target, met=bool(met(value))))

    def _print(self, row):
        self.rows.append(row)
        text = f"{row['name']:<52} {row['measured']:>12,.4g} {row['unit']:<9}"
        if "ratio" in row:
            text += (f" baseline {row['baseline']:>10,.4g}  ratio "
                     f"{row['ratio']:.2f} ({row['least']:.2f}-"
                     f"{row['most']:.2f}, {row['runs']} runs)")
        print(f"{text}  target {row['target']}: "
              f"{'met' if row['met'] else 'MISSED'}", flush=True)
