//! How many forms are read in a second: for the benchmark of the program, never for a test.

use std::time::{Duration, Instant};

use crate::{Form, Input, Known};

/// Reads `input` again and again for about `duration`.
pub fn validations_per_second(
    form: &Form,
    input: Input<'_>,
    known: &Known,
    duration: Duration,
) -> f64 {
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < duration {
        for _ in 0..100 {
            let _ = std::hint::black_box(form.read(input, known));
        }
        count += 100;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}
