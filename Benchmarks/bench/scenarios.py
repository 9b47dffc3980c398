"""Which scenarios there are, and what they share."""
import shutil

from . import growth, living, peers, process, programs, reading, tls, writing
from .fleet import Fleet


class Bench:
    """What the scenarios of a run share: the programs, a folder, and fleets that are in sync."""

    def __init__(self, given, folder):
        self.given, self.folder, self.runs = given, folder, given.runs
        self.programs = programs.daemon(given.programs)
        programs.server(), programs.floor()
        self.fleets = {}

    def fleet(self, installs=10_000, packages=200):
        """A fleet of that size, made once."""
        if installs not in self.fleets:
            self.fleets[installs] = Fleet(self, f"{self.folder}/fleet-{installs}", installs, packages)
        return self.fleets[installs]

    def one_shot(self, fleet):
        """A configuration for one-shot commands, whose journal knows the fleet."""
        once = fleet.copied_daemon("once")
        # What the running daemon has done since the copy was made is taken note of before anything is measured.
        reading.checked(once.run_once("reconcile"))
        return once

    def discard(self, installs):
        """Ends a fleet that is too large to keep, or is not as others expect it."""
        fleet = self.fleets.pop(installs)
        fleet.stop()
        shutil.rmtree(fleet.folder, ignore_errors=True)

    def stop(self):
        for fleet in self.fleets.values():
            fleet.stop()
        process.stop_all()


def described(*functions):
    """Names each by the goal with which its documentation begins."""
    table = {}
    for function in functions:
        name, sentence = function.__doc__.strip().splitlines()[0].split(": ", 1)
        table[name] = (function, sentence)
    return table


ALL = described(
    reading.no_op_slow, reading.no_op_fast, reading.one_shot, reading.memory, writing.creates, writing.creates_to_healthy,
    reading.one_file, living.push_to_write, reading.many_sources, living.start, tls.tls, reading.kindness, peers.peers,
    living.idle, growth.growth)
