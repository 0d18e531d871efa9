"""Seven kinds of output, the same bytes in every run."""


def plain(i):
    return f"line {i} lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod"[: 66 + i % 20] + "\n"


def seq(i):
    return f"{i}\n"


def colour(i):
    return f"\x1b[1;32m   Compiling\x1b[0m crate-{i} v1.{i % 9} \x1b[38;5;{i % 256}m(path/to/{i})\x1b[0m\n"


def cjk(i):
    return f"日本語のテキスト {i} 🎉 漢字かな交じり文 ñandú\n"


def long(i):
    return "x" * 1000000 + "\n"


def redraw(i):
    return "\x1b[H" + "".join(f"\x1b[{r};1H\x1b[3{r % 8}mrow {r} value {i * r}\x1b[K" for r in range(1, 25))


def progress(i):
    return f"\r\x1b[K[{'=' * (i % 50)}>{' ' * (50 - i % 50)}] {i % 100}%"


KINDS = {make.__name__: make for make in (plain, seq, colour, cjk, long, redraw, progress)}


def write(path, kind, size):
    """Writes at least `size` bytes of a kind; how many it were."""
    written = 0
    with open(path, "wb") as file:
        i = 0
        while written < size:
            i += 1
            written += file.write(KINDS[kind](i).encode())
    return written
