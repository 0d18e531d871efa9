//! Chance that can be had again, and the ingredients of soups.

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self(seed);
        dice.below(1);
        dice
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    pub(crate) fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// Text or one sequence that tmux knows.
    pub(crate) fn piece(&mut self, wide: bool) -> String {
        match self.below(100) {
            0..30 => (0..=self.below(25))
                .map(|_| self.of(&["a", "b", "c", "d", "X", "Y", " "]))
                .collect(),
            30..33 => "long ".repeat(self.below(40)),
            33..40 if wide => self
                .of(&[
                    "世界",
                    "e\u{301}",
                    "👍",
                    "a👩\u{200d}💻b",
                    "ｗide",
                    "国",
                    "❤\u{fe0f}",
                    "한글",
                ])
                .to_owned(),
            33..40 => self
                .of(&[
                    "é",
                    "─",
                    "e\u{301}",
                    "ñ─ñ",
                    "o\u{302}\u{323}",
                    "│",
                    "█▀",
                    "❤",
                ])
                .to_owned(),
            40..52 => self
                .of(&[
                    "\r\n", "\r", "\n", "\t", "\x0b", "\x08", "\x08\x08", "\r\r\n", "\x0c",
                ])
                .to_owned(),
            52..60 => format!("\x1b[{};{}H", 1 + self.below(12), 1 + self.below(40)),
            60..75 => {
                let count = self.of(&["", "0", "1", "2", "3", "9", "99"]);
                let last = self.of(&[
                    "A", "B", "C", "D", "E", "F", "G", "L", "M", "P", "S", "T", "X", "Z", "d", "`",
                    "b", "f", "g",
                ]);
                format!("\x1b[{count}{last}")
            }
            75..80 => format!(
                "\x1b[{}{}",
                self.of(&["", "0", "1", "2", "3"]),
                self.of(&["J", "K", "J", "K", "K"])
            ),
            80..89 => self.style(),
            89..92 => format!("\x1b[{};{}r", self.below(6), self.below(14)),
            _ => format!("\x1b{}", self.switch()),
        }
    }

    fn style(&mut self) -> String {
        let code = self.of(&[
            "",
            "0",
            "1",
            "2",
            "3",
            "4",
            "4:3",
            "4:0",
            "5",
            "7",
            "8",
            "9",
            "21",
            "22",
            "23",
            "24",
            "25",
            "27",
            "28",
            "29",
            "31",
            "39",
            "44",
            "49",
            "53",
            "55",
            "59",
            "95",
            "103",
            "38;5;99",
            "38:5:99",
            "48;2;1;2;3",
            "48:2::1:2:3",
            "38:2:1:2:3",
            "4;58;5;3",
            "4:3;58:2::1:2:3",
            "4;58;2;1;2;3",
            "1;4;31;42",
            "0;7;38;5;1",
            "38;5",
            "48;2;300;1;1;4",
            "31;;1",
        ]);
        format!("\x1b[{code}m")
    }

    fn switch(&mut self) -> &'static str {
        self.of(&[
            "7",
            "8",
            "D",
            "E",
            "M",
            "H",
            "(0",
            "(B",
            ")0",
            ")B",
            "[4h",
            "[4l",
            "[?7l",
            "[?7h",
            "[?6h",
            "[?6l",
            "[?1049h",
            "[?1049l",
            "[?47h",
            "[?47l",
            "[?1047h",
            "[?1047l",
            "[r",
            "[r\x1b[3;2H\x1b[2L",
            "[s",
            "[u",
            "[?25l",
            "[?25h",
            "[?1h",
            "[?1l",
            "=",
            ">",
            "[?1000h",
            "[?1002h",
            "[?1003h",
            "[?1003l",
            "[?1006h",
            "[?1006l",
            "]0;title\x07",
            "]2;other\x1b\\",
            "#8",
            "c",
            "[?3h",
            "[3g",
            "[?1;25l",
            "[?2004h",
            "[2 q",
        ])
    }
}
