"""`expect`: what matches, in which order, and that each byte is matched once."""

import os
import re
import signal

import psup as package
import pytest
from psup import EOF, TIMEOUT
from psup._output import OutputBuffer


def test_the_first_match_wins_and_tells_before_after_and_match(psup_session):
    s = psup_session(["/bin/sh", "-c", "printf 'one two three\\n'; exec cat"])
    assert s.expect(["three", "t(w)o", "nothing"]) == 1
    assert (s.before, s.after, s.match.group(1), s.match_index) == ("one ", "two", "w", 1)
    assert s.offset == len("one two")
    assert s.expect_exact(["e", "thr"]) == 1
    assert s.expect([re.compile("E+", re.IGNORECASE), EOF]) == 0
    s.sendline("a.b")
    assert s.expect_exact("a.b\r\n") == 0
    assert s.expect_exact("a.b\r\n") == 0, "the echo, and what cat wrote"
    with pytest.raises(TIMEOUT, match="a.b|not matched"):
        s.expect_exact("a.b", timeout=0)


def test_the_end_and_the_timeout_are_patterns_or_errors(psup_session):
    s = psup_session(["/bin/sh", "-c", "printf begin; read x; printf end"])
    assert s.expect(["begin", TIMEOUT]) == 0
    assert s.expect(["never", TIMEOUT], timeout=0.05) == 1
    assert (s.before, s.after, s.match) == ("", TIMEOUT, TIMEOUT)
    with pytest.raises(TIMEOUT):
        s.expect("never", timeout=0.05)
    s.sendline()
    assert s.expect(["never", EOF]) == 1
    assert s.before == "\r\nend" and s.after is EOF
    assert s.expect(EOF) == 0 and s.before == ""
    with pytest.raises(EOF):
        s.expect("more")


def test_what_was_written_in_time_is_found_however_short_the_timeout(psup_session):
    s = psup_session(["/bin/sh", "-c", "seq 1 20000; echo marker; exec cat"])
    s.wait(text="^marker", timeout=60)
    assert s.expect("marker", timeout=0) == 0


def test_control_sequences_are_left_out_and_offsets_stay_true(psup_session):
    text = "a\\033[1;31mr\\033[0mé\\033]0;title\\007d\\n"
    s = psup_session(["/bin/sh", "-c", f"printf '{text}'; exec cat"])
    s.expect("aré")
    whole = b"".join(piece.data for piece in s.read(since=0))
    assert s.offset == whole.index("é".encode()) + 2
    s.expect("d\r\n")
    raw = psup_session(["/bin/sh", "-c", f"printf '{text}'; exec cat"], raw=True, encoding=None)
    assert raw.expect(b"d\r\n") == 0 and b"\x1b[1;31m" in raw.before


def test_each_byte_is_matched_once_while_connections_are_lost(psup_client, psup_session):
    s = psup_session(["/bin/sh", "-c", "while read from to; do seq -f '<%g>' $from $to; done"])
    for number in range(1, 3001):
        if number % 500 == 1:
            os.kill(psup_client.pid, signal.SIGKILL)
            # This is asked until it is answered, over another connection.
            assert psup_client.has(s.id)
            s.sendline(f"{number} {number + 499}")
        s.expect(r"<(\d+)>", timeout=60)
        assert s.match.group(1) == str(number) and "<" not in s.before
    s.sendeof()
    s.expect(EOF)


def test_a_session_that_ran_before_is_expected_from_now_on(psup_client, psup_session):
    first = psup_session(["cat"], name="before")
    first.sendline("old")
    first.expect("old\r\nold\r\n")
    again = psup_client.session("before")
    again.sendline("new")
    again.expect("new")
    assert "old" not in again.before
    again.seek(0)
    again.expect("old")
    again.seek()
    assert again.expect(["new", TIMEOUT], timeout=0) == 1


def test_output_split_anywhere_is_the_same_text_with_the_same_offsets():
    data = "x\x1b[31mré\x1b(B\x1b]8;;http://é\x1b\\link\x1bP+q\x1b\\世\x1b=e\x1b".encode() + b"\xff\xc3"
    whole = OutputBuffer(5)
    whole.feed(5, data)
    whole.finish()
    assert whole.shown(whole.text) == "xrélink世e\ufffd\ufffd"
    for size in range(1, 8):
        split = OutputBuffer(5)
        for at in range(0, len(data), size):
            # Each piece overlaps with the one before it.
            split.feed(5 + max(0, at - 3), data[max(0, at - 3) : at + size])
        split.finish()
        assert split.text == whole.text
        for length in range(len(whole.text) + 1):
            assert split.offset_of(length) == whole.offset_of(length)
    for length in range(1, len(whole.text)):
        taken = OutputBuffer(5)
        taken.feed(5, data)
        taken.finish()
        begin = taken.take(length)
        assert begin == whole.offset_of(length)
        assert taken.offset_of(len(taken.text)) == whole.offset_of(len(whole.text))
    with pytest.raises(package.Gap):
        OutputBuffer(5).feed(6, b"x")


def test_each_gap_is_told_once(psup_session):
    s = psup_session(["/bin/sh", "-c", "echo first; seq 1 200000; echo last"], log_limit="64k")
    s.wait(exit=True, timeout=60)
    ends = [0]
    while True:
        try:
            assert s.expect(["first", "last"], timeout=60) == 1
            break
        except package.Gap as gap:
            begin, end = re.search(r"bytes (\d+) to (\d+)", gap.message).groups()
            assert ends[-1] <= int(begin) < int(end)
            ends.append(int(end))
    assert len(ends) > 1
    assert s.expect(EOF) == 0


def test_ctrl_c_and_ctrl_d_reach_the_program(psup_session):
    s = psup_session(["/bin/sh", "-c", "trap 'echo caught' INT; echo ready; cat; cat; echo over"])
    s.expect("ready")
    # Signals of a moment in which a shell starts a program are for neither.
    s.wait(input=True, timeout=60)
    s.sendintr()
    s.expect("caught")
    s.wait(input=True, timeout=60)
    s.sendeof()
    s.expect(["over", EOF])
