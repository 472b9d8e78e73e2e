"""What all measurements share: figures of several runs, printed as tables, kept as JSON, drawn as a plot.

report = Report("names", "Rolling, checking and claiming")
table = report.table("A roll over HTTP", "µs of processor time a request")
table.add("SQLite: null", nulls)
table.add("SQLite: roll", rolls)
table.ratio("SQLite: roll / null", rolls, nulls, goal=1.6)
report.finish()
"""

from bench.report.figures import Figure
from bench.report.report import Report, Table

__all__ = ["Figure", "Report", "Table"]
