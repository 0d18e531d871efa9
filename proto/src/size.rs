//! Rows and columns of a terminal.

use crate::error::{Code, Failure};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Columns by rows, each from 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    pub cols: u16,
    pub rows: u16,
}

impl Size {
    /// Large enough that a program does not fold its lines, small enough to read.
    pub const DEFAULT: Self = Self {
        cols: 120,
        rows: 40,
    };
    /// What one axis may measure at most.
    pub const MOST: u16 = 1000;

    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        let fits = |n| (1..=Self::MOST).contains(&n);
        (fits(cols) && fits(rows)).then_some(Self { cols, rows })
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.cols, self.rows)
    }
}

impl FromStr for Size {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let number = |t: &str| {
            t.bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| t.parse().ok())
                .flatten()
        };
        text.split_once('x')
            .and_then(|(cols, rows)| Self::new(number(cols)?, number(rows)?))
            .ok_or_else(|| {
                Failure::new(Code::Usage, format!("bad size {text:?}"))
                    .hint("a size is COLSxROWS, each 1 to 1000, such as 120x40")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_columns_by_rows() {
        assert_eq!("80x24".parse(), Ok(Size { cols: 80, rows: 24 }));
        for bad in [
            "", "80", "80x", "x24", "0x24", "80x0", "1001x1", "80X24", "+8x2", "80x24x1", "-1x5",
        ] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
