//! Values that cells name by a small number: styles, clusters, links.
//!
//! A table only grows while cells are drawn; [`Table::retain`] drops what no cell names any more.
//! The process that owns the cells decides when.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Number 0 is the default value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(
    serialize = "T: Serialize + Clone + Eq + Hash",
    deserialize = "T: Deserialize<'de> + Clone + Eq + Hash + Default"
))]
pub struct Table<T: Clone + Eq + Hash> {
    items: Vec<T>,
    ids: HashMap<T, u32, BuildHasherDefault<Mix>>,
}

impl<T: Clone + Eq + Hash + Default> Default for Table<T> {
    fn default() -> Self {
        Self::from(vec![T::default()])
    }
}

impl<T: Clone + Eq + Hash + Default> From<Vec<T>> for Table<T> {
    fn from(mut items: Vec<T>) -> Self {
        if items.is_empty() {
            items.push(T::default());
        }
        let ids = items.iter().cloned().zip(0..).collect();
        Self { items, ids }
    }
}

impl<T: Clone + Eq + Hash> From<Table<T>> for Vec<T> {
    fn from(table: Table<T>) -> Self {
        table.items
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    pub fn id(&mut self, value: &T) -> u32 {
        if let Some(&id) = self.ids.get(value) {
            return id;
        }
        let id = self.items.len() as u32;
        self.items.push(value.clone());
        self.ids.insert(value.clone(), id);
        id
    }

    pub fn get(&self, id: u32) -> &T {
        &self.items[id as usize]
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Drops what is not used. Gives the new number of each old one.
    pub fn retain(&mut self, used: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut numbers = vec![0; self.items.len()];
        let mut kept = Vec::new();
        for (old, item) in self.items.drain(..).enumerate() {
            if old == 0 || used(old as u32) {
                numbers[old] = kept.len() as u32;
                kept.push(item);
            }
        }
        self.ids = kept.iter().cloned().zip(0..).collect();
        self.items = kept;
        numbers
    }
}

/// A quick hash: styles are looked up at every change of colour, and no attacker gains by making
/// two of them collide that the bound on the table's length does not already deny.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Mix {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.add(n.into());
    }

    fn write_u16(&mut self, n: u16) {
        self.add(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.add(n.into());
    }

    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.add(n as u64);
    }
}
