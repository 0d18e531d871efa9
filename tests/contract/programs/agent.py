#!/usr/bin/env python3
"""A full-screen program like an agent's: a transcript, a spinner, an input box; for the tests of submits and quiet.

usage: agent.py [spinner] [slow] [dialog] [stubborn]
  spinner    something turns all the time      slow      a key is drawn 150 ms late
  dialog     a question takes the first key    stubborn  Enter does nothing
"""
import curses
import sys
import time

FLAGS = sys.argv[1:]


def main(screen):
    curses.curs_set(1)
    screen.timeout(30 if "spinner" in FLAGS else -1)
    print("\x1b[?2004h", end="", flush=True)
    lines, text, frame, dialog, begun = [], "", 0, "dialog" in FLAGS, time.monotonic()
    while True:
        rows, cols = screen.getmaxyx()
        screen.erase()
        for i, line in enumerate(lines[-(rows - 5):]):
            screen.addstr(i, 0, line[: cols - 1])
        if "spinner" in FLAGS:
            screen.addstr(rows - 4, 0, f"{'|/-'[frame % 3]} Working {time.monotonic() - begun:.1f}s")
        screen.addstr(rows - 3, 0, "-" * (cols - 1))
        if dialog:
            screen.addstr(rows - 2, 0, "Allow this? (y/n)")
        else:
            screen.addstr(rows - 2, 0, ("> " + text)[-(cols - 2):])
        screen.refresh()
        frame += 1
        try:
            key = screen.get_wch()
        except curses.error:
            continue
        if "slow" in FLAGS:
            time.sleep(0.15)
        if dialog:
            # Swallows everything that is typed at once.
            dialog = key not in ("y", "n")
        elif key in ("\n", "\r", curses.KEY_ENTER):
            if "stubborn" not in FLAGS and text:
                lines += [f"you: {text}", f"answer to {text!r}"]
                text = ""
        elif key in ("\x7f", "\b", curses.KEY_BACKSPACE):
            text = text[:-1]
        elif key == "\x1b":
            # The brackets around a paste.
            screen.timeout(0)
            rest = ""
            try:
                while not rest.endswith("~"):
                    rest += screen.get_wch()
            except (curses.error, TypeError):
                pass
            screen.timeout(30 if "spinner" in FLAGS else -1)
        elif isinstance(key, str) and key.isprintable():
            text += key


curses.wrapper(main)
