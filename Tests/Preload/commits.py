"""Commits twenty numbers to a SQLite database, one by one, and says each once it is acknowledged.

The database has its table already. Its second argument is SQLite's `synchronous`.
"""

import sqlite3
import sys

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute(f"PRAGMA synchronous = {sys.argv[2]}")
for number in range(20):
    database.execute("INSERT INTO numbers VALUES (?)", (number,))
    print(number, flush=True)
