//! The colours that numbers of the palette are drawn in, and those of a terminal by default.

use psup_proto::style::Colour;

/// The colours that OSC 10, 11 and 12 tell: light on dark, as a terminal is by default.
pub const FOREGROUND: (u8, u8, u8) = (0xd0, 0xd0, 0xd0);
pub const BACKGROUND: (u8, u8, u8) = (0x00, 0x00, 0x00);

/// The colour that a number of the palette is drawn in.
pub fn palette(n: u8) -> (u8, u8, u8) {
    const BASE: [(u8, u8, u8); 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match n {
        0..16 => BASE[usize::from(n)],
        16..232 => (
            level((n - 16) / 36),
            level((n - 16) / 6 % 6),
            level((n - 16) % 6),
        ),
        232.. => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
    }
}

/// A colour as red, green and blue; `default` is what no colour means.
pub fn rgb(colour: Colour, default: (u8, u8, u8)) -> (u8, u8, u8) {
    match colour {
        Colour::Default => default,
        Colour::Indexed(n) => palette(n),
        Colour::Rgb(r, g, b) => (r, g, b),
    }
}
