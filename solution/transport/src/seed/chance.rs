//! Numbers that look random and are the same each time: a counter stirred well (SplitMix64). Not for secrets.

/// The dice of one person.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64, number: u32) -> Self {
        let mut chance = Self(seed ^ (u64::from(number) + 1).wrapping_mul(0xd6e8_feb8_6659_fd93));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Both ends are possible; where they are the wrong way round, the first.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).unwrap_or(0) + 1;
        from + i64::try_from(self.next() % width).unwrap_or(0)
    }

    pub fn percent(&mut self, share: u32) -> bool {
        self.between(1, 100) <= i64::from(share)
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(of.len()).unwrap_or(0) - 1;
        of.get(usize::try_from(self.between(0, last)).unwrap_or(0))
    }

    /// One of these, each as often as its share says.
    pub fn share<'a, T>(&mut self, of: &'a [T], share: impl Fn(&T) -> u32) -> Option<&'a T> {
        let whole: u32 = of.iter().map(&share).sum();
        let mut left = self.between(1, i64::from(whole));
        of.iter().find(|one| {
            left -= i64::from(share(one));
            left <= 0
        })
    }
}
