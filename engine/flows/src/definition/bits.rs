//! A fixed set of small numbers. Knows nothing of nodes.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    pub fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// True when the number was not yet in the set.
    pub fn insert(&mut self, number: u16) -> bool {
        let (word, bit) = (usize::from(number) / 64, 1u64 << (number % 64));
        let fresh = self.0[word] & bit == 0;
        self.0[word] |= bit;
        fresh
    }

    pub fn contains(&self, number: u16) -> bool {
        self.0
            .get(usize::from(number) / 64)
            .is_some_and(|word| word & (1u64 << (number % 64)) != 0)
    }
}
