//! Numbers of 256 bits that are added and taken away, and wrap around.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum([u64; 4]);

impl Sum {
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        let (parts, _) = bytes.as_chunks::<8>();
        let mut sum = Self::default();
        for (limb, part) in sum.0.iter_mut().zip(parts) {
            *limb = u64::from_be_bytes(*part);
        }
        sum
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let (mut sum, mut carry) = (Self::default(), false);
        for ((limb, one), two) in sum.0.iter_mut().zip(self.0).zip(other.0) {
            (*limb, carry) = carrying(one, two, carry);
        }
        sum
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        let one = Self([1, 0, 0, 0]);
        self.plus(Self(other.0.map(|limb| !limb)).plus(one))
    }

    pub(crate) fn write(self) -> String {
        self.0.map(|limb| format!("{limb:016x}")).concat()
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self::of(bytes))
    }
}

fn carrying(one: u64, two: u64, carry: bool) -> (u64, bool) {
    let (sum, over) = one.overflowing_add(two);
    let (sum, again) = sum.overflowing_add(u64::from(carry));
    (sum, over || again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_again_leaves_nothing_and_a_carry_goes_through_all_parts() {
        let (all, one) = (Sum([u64::MAX; 4]), Sum([1, 0, 0, 0]));
        assert_eq!(all.plus(one), Sum::default());
        assert_eq!(Sum::default().minus(one), all);
        let (a, b) = (Sum::of([7; 32]), Sum::of([200; 32]));
        assert_eq!(a.plus(b).minus(a), b);
        assert_eq!(Sum::read(&b.write()), Some(b));
    }
}
