"""Processes as the kernel shows them: processor time, memory, wake-ups, and an orderly end."""
import os, signal, subprocess, time


# Every process that lives longer than a call, so that none outlives the run whatever befalls a scenario.
started = []


def start(command, **more):
    process = subprocess.Popen(command, **more)
    started.append(process)
    return process


def stop_all():
    for process in started:
        if process.poll() is None:
            # A tracer that is ended lets what it traces go on: its children first.
            for pid in children(process.pid):
                os.kill(pid, signal.SIGTERM)
            stop(process)


def children(pid):
    return [int(child) for child in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def cpu_seconds(pid):
    """User and system time of a process with all its threads, to the nanosecond (the clock of clock_getcpuclockid)."""
    return time.clock_gettime((~pid) << 3 | 2)


def children_cpu_seconds(pid):
    """User and system time of the children that it has waited for, in the kernel's ticks (10 ms as a rule)."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def program(pid):
    """The file that a process runs; nothing when it has ended meanwhile."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def status(pid):
    return dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)


def resident_mib(pid, field="VmHWM"):
    """The most that was ever resident, or `VmRSS` for what is now."""
    return int(status(pid)[field].split()[0]) / 1024


def forget_peak(pid):
    """Begins the peak anew, so that VmHWM is of what comes now."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def wake_ups(pid):
    """How often each thread has come back from waiting."""
    counts = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            counts[task] = int(status(f"{pid}/task/{task}")["voluntary_ctxt_switches"])
        except OSError:
            continue  # it has ended meanwhile
    return counts


def count_wake_ups(pid, seconds):
    """Watches for so long; threads come and go, and one takes its count with it."""
    end, total, before = time.monotonic() + seconds, 0, wake_ups(pid)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(1, left))
        after = wake_ups(pid)
        total += sum(count - before.get(task, 0) for task, count in after.items())
        before = after
    return total


def bytes_to_disk(pid):
    return int(dict(line.split(": ") for line in open(f"/proc/{pid}/io"))["write_bytes"])


def measured(command, **more):
    """Runs a command to its end: (exit code, stdout, wall, processor seconds, peak MiB), children that it waited for included."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **more)
    output = process.stdout.read()
    _, code, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(code)
    process.stdout.close()
    return process.returncode, output.decode(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def stop(process, pid=None, patience=10):
    """Ends a process, or the one with that id that it runs and ends with."""
    pid = pid or process.pid
    if process.poll() is None:
        os.kill(pid, signal.SIGTERM)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        os.kill(pid, signal.SIGKILL)
        return process.wait()
