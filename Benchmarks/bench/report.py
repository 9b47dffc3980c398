"""What a run has found: every sample, medians, ratios of pairs, and a table of it."""
import json, statistics

UNITS = {"s": lambda v: f"{v * 1000:.1f} ms" if v < 1 else f"{v:.2f} s", "MiB": lambda v: f"{v:.1f} MiB",
         "KiB": lambda v: f"{v:.2f} KiB", "": lambda v: f"{v:g}", "%": lambda v: f"{v:.2f} %", "/s": lambda v: f"{v:.2f} /s"}


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "samples": list(values)}


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered) + 0.5) - 1))]


class Report:
    """Rows in the order in which they were found; each is printed as soon as it is there."""

    HEAD = ("goal", "figure", "akua-gitops", "against", "ratio", "wanted", "")

    def __init__(self):
        self.rows, self.skipped, self.failed = [], [], []

    def add(self, goal, figure, values, unit="s", against=None, compared=None, most=None, most_ratio=None, exactly=None):
        """One figure. `values` are samples, or one value; `compared` are the samples of `against`, taken in turn with them.

        `most` bounds the median, `most_ratio` the median of the pairs' ratios; `exactly` is to be met by every sample.
        """
        values = list(values) if isinstance(values, (list, tuple)) else [values]
        row = {"goal": goal, "figure": figure, "unit": unit, **spread(values)}
        wanted, holds = [], True
        if compared is not None:
            compared = list(compared) if isinstance(compared, (list, tuple)) else [compared]
            ratios = [mine / theirs for mine, theirs in zip(values, compared) if theirs]
            row["against"] = {"name": against, **spread(compared)}
            if ratios:
                row["ratio"] = spread(ratios)
        if exactly is not None:
            wanted.append(f"= {UNITS[unit](exactly)}")
            holds = holds and all(value == exactly for value in values)
        if most is not None:
            wanted.append(f"≤ {UNITS[unit](most)}")
            holds = holds and row["median"] <= most
        if most_ratio is not None:
            wanted.append(f"≤ {most_ratio:g} ×")
            holds = holds and row.get("ratio", {}).get("median", float("inf")) <= most_ratio
        if wanted:
            row["wanted"], row["holds"] = ", ".join(wanted), holds
        self.rows.append(row)
        print(self.line(self.cells(row)), flush=True)

    def skip(self, goal, reason):
        self.skipped.append({"goal": goal, "reason": reason})
        print(f"{goal:7} left out: {reason}", flush=True)

    def fail(self, goal, reason):
        self.failed.append({"goal": goal, "reason": reason})
        print(f"{goal:7} FAILED: {reason}", flush=True)

    @staticmethod
    def cells(row):
        show = UNITS[row["unit"]]
        against = row.get("against")
        return (row["goal"], row["figure"], show(row["median"]),
                f"{against['name']} {show(against['median'])}" if against else "",
                f"{row['ratio']['median']:.2f} ×" if "ratio" in row else "", row.get("wanted", ""),
                "" if "holds" not in row else "holds" if row["holds"] else "MISSED")

    @staticmethod
    def line(cells):
        widths = (7, 58, 11, 30, 9, 18, 0)
        return "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths)).rstrip()

    def markdown(self):
        rows = [self.HEAD, ["---"] * len(self.HEAD), *(self.cells(row) for row in self.rows)]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)

    def write(self, path, about):
        with open(path, "w") as file:
            json.dump({"v": 1, **about, "rows": self.rows, "skipped": self.skipped, "failed": self.failed}, file, indent=1)
            file.write("\n")
