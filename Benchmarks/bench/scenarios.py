"""Which scenarios there are, and what they share."""
import os

from . import programs, reading
from .fleet import Fleet


class Bench:
    """What the scenarios of a run share: the programs, a folder, and fleets that are in sync."""

    def __init__(self, given, folder):
        self.given, self.folder, self.runs = given, folder, given.runs
        self.programs = programs.daemon(given.programs)
        programs.server(), programs.floor()
        self.fleets = {}

    def fleet(self, installs=10_000):
        """A fleet of that size, made once."""
        if installs not in self.fleets:
            self.fleets[installs] = Fleet(self, f"{self.folder}/fleet-{installs}", installs)
        return self.fleets[installs]

    def one_shot(self, fleet):
        """A configuration for one-shot commands, whose journal knows the fleet."""
        once = fleet.new_daemon("once")
        if not os.path.exists(f"{once.folder}/state/journal.sqlite"):
            reading.checked(once.run_once("reconcile"))
        return once

    def release(self, installs):
        """Stops a fleet that is too large to keep."""
        if installs > 10_000:
            self.fleets.pop(installs).stop()

    def stop(self):
        for fleet in self.fleets.values():
            fleet.stop()


def described(*functions):
    """Names each by the goal with which its documentation begins."""
    table = {}
    for function in functions:
        name, sentence = function.__doc__.strip().splitlines()[0].split(": ", 1)
        table[name] = (function, sentence)
    return table


ALL = described(
    reading.no_op_slow, reading.no_op_fast, reading.one_shot, reading.memory, reading.one_file, reading.many_sources,
    reading.kindness)
