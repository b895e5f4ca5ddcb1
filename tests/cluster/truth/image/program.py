#!/usr/bin/python3 -IS
"""What runs in the pods of the truth matrix: the steps in TRUTH_PROGRAM, one after the other, separated by `;`.

It needs nothing but Python's core. Each line it writes has its number and its pod's name, and how many there are is noted
beside the lake: so what is lost or doubled on the way to Airflow can be counted. On SIGTERM it says so in three lines and
ends with 143, unless a step says otherwise. TRUTH_CANARY is in its environment and never in its log.
"""

import os
import signal
import sys
import time

POD = os.uname().nodename
NOTES = f"/lake/truth/pods/{POD}"
FILLER = b"0123456789abcdef"


class Program:
    """The steps, by name."""

    def __init__(self, arguments):
        self.stage = arguments[0]
        self.run = arguments[arguments.index("--run") + 1]
        self.lines = 0
        self.term = 143
        self.noted = os.open(f"{NOTES}.lines", os.O_CREAT | os.O_WRONLY)
        self.note("began")
        signal.signal(signal.SIGTERM, self.stop)

    def note(self, what):
        """Note the time beside the lake."""
        with open(f"{NOTES}.{what}", "w") as file:
            file.write(repr(time.time()))

    def say(self, text=b"", end=b"\n", count=1):
        """Write numbered lines, and note how many there are."""
        numbers = range(self.lines + 1, self.lines + count + 1)
        data = b"".join(b"truth %s:%06d %s%s" % (POD.encode(), n, text, end) for n in numbers)
        while data:
            data = data[os.write(1, data) :]
        self.lines += count
        os.pwrite(self.noted, b"%d" % self.lines, 0)

    def stop(self, *_):
        """What SIGTERM does."""
        for _ in range(3):
            self.say(b"stopping")
        self.end(self.term)

    def end(self, code):
        self.note("ended")
        os._exit(int(code))

    def on_term(self, how):
        """`on_term 0`: end with that code; `on_term ignore`: go on."""
        if how == "ignore":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            self.term = int(how)

    def log(self, count, rate="0", width="16"):
        """So many lines, so many a second (0: as fast as can be), with so many bytes of filling."""
        left, a_second = int(count), int(rate)
        filling = (FILLER * (1 + int(width) // len(FILLER)))[: int(width)]
        if not a_second:
            while left:
                self.say(filling, count=min(left, 200))
                left -= min(left, 200)
        due = time.monotonic()
        for _ in range(left):
            self.say(filling)
            due += 1 / a_second
            time.sleep(max(0.0, due - time.monotonic()))

    def line(self, size):
        """One line of so many bytes."""
        self.say(b"x" * int(size))

    def binary(self):
        """Bytes that are no text."""
        self.say(bytes(n for n in range(256) if n != 10))

    def tail(self):
        """A last line without its end."""
        self.say(b"no newline", end=b"")

    def sleep(self, seconds):
        until = time.monotonic() + float(seconds)
        while (left := until - time.monotonic()) > 0:
            time.sleep(left)

    def eat(self, mib):
        """Take memory, and use it."""
        held = []
        for _ in range(int(mib)):
            held.append(bytearray(b"x") * (1 << 20))
            time.sleep(0.002)

    def child_eats(self, mib):
        """The same in a child process, whose end is of no interest."""
        if not (child := os.fork()):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self.eat(mib)
            os._exit(0)
        os.waitpid(child, 0)

    def fill(self, mib):
        """Write to the pod's scratch space."""
        with open("/scratch/fill", "wb") as file:
            for _ in range(int(mib)):
                file.write(bytes(1 << 20))

    def receipt(self):
        """Leave the receipt that was prepared for this run, and say its digest."""
        prepared = f"/lake/truth/receipts/{self.run}"
        folder = f"/lake/runs/{self.run}/{self.stage}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{prepared}/receipt.json", "rb") as source, open(f"{folder}/.{POD}", "wb") as target:
            target.write(source.read())
        os.replace(f"{folder}/.{POD}", f"{folder}/0001.json")
        with open(f"{prepared}/message.json", "rb") as source:
            self.message(source.read())

    def wrong_receipt(self):
        """Leave the receipt, and say the digest of another."""
        self.receipt()
        self.message(b'{"receipt": "' + b"0" * 64 + b'"}')

    def message(self, said):
        with open("/dev/termination-log", "wb") as file:
            file.write(said)


def main():
    program = Program(sys.argv[1:])
    for step in os.environ["TRUTH_PROGRAM"].split(";"):
        name, *given = step.split()
        getattr(program, "end" if name == "exit" else name)(*given)
    program.end(0)


if __name__ == "__main__":
    main()
