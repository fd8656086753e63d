"""What a run shows while it goes on."""

from __future__ import annotations

import io
import signal
from typing import TYPE_CHECKING

import pytest

from podplanner.cli.progress import CANCELLING, STOPPING, Console, State

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (State("reading"), "    3 s  reading"),
        (State("solve", best=None, bound=float("inf")), "    3 s  solve"),
        (State("solve", best=900.0, bound=1000.0), "    3 s  solve  best 900  bound 1,000  gap 10.00%"),
        (State("solve", best=float("-inf"), bound=1000.0), "    3 s  solve  bound 1,000"),
        (State("solve", best=900.0, bound=None), "    3 s  solve  best 900"),
    ],
)
def test_line_says_what_is_known(state: State, line: str) -> None:
    """Step, best, bound and gap, each only where it is known."""
    assert state.line(3.2) == line


def test_short_steps_are_silent() -> None:
    """What is over in no time leaves nothing on the screen."""
    stream = io.StringIO()
    with Console(stream) as console:
        console.begin("reading")
    assert stream.getvalue() == ""


def test_plain_stream_gets_a_line_a_step() -> None:
    """The same step is not told again at once; another one is, and so is the same after a while."""
    stream = io.StringIO()
    console = Console(stream)
    for step, elapsed_s in (("a", 1.0), ("a", 2.5), ("a", 3.0), ("b", 4.0), ("b", 18.9), ("b", 19.0)):
        console.begin(step)
        console.tell(elapsed_s)
    assert stream.getvalue().split() == ["2", "s", "a", "4", "s", "b", "19", "s", "b"]


def test_terminal_gets_one_line_that_changes() -> None:
    """The cursor goes back; no new line is begun."""
    stream = Terminal()
    console = Console(stream)
    console.begin("a")
    console.tell(2.0)
    console.begin("b")
    console.tell(3.0)
    assert stream.getvalue() == "\r    2 s  a\x1b[K\r    3 s  b\x1b[K"


def test_engine_asks_whether_ctrl_c_was_pressed() -> None:
    """Once means stop, twice cancel, and each is told once; afterwards Ctrl-C is what it was before."""
    before = signal.getsignal(signal.SIGINT)
    stream = io.StringIO()
    asked = []
    with Console(stream) as console, console.interruptible():
        for _ in range(2):
            asked.append((console.stop_asked(), console.cancelled()))
            signal.raise_signal(signal.SIGINT)
        asked.append((console.stop_asked(), console.cancelled()))
    assert asked == [(False, False), (True, False), (True, True)]
    assert stream.getvalue().splitlines() == [STOPPING, CANCELLING]
    assert signal.getsignal(signal.SIGINT) is before


def test_third_ctrl_c_ends_at_once() -> None:
    """A solver that does not listen can be left."""
    with Console(io.StringIO()) as console, console.interruptible():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def usual_ctrl_c() -> Iterator[None]:
    """Ctrl-C as a program starts with it, whatever ran in this process before."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("usual_ctrl_c")
def test_ctrl_c_outside_of_solving_ends_at_once() -> None:
    """Where there is nothing to keep, once is enough."""
    with Console(io.StringIO()), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
