//! Feeds what reads foreign bytes with damaged ones. Each input ends in an answer, twice the same one, without a panic,
//! within the memory that the reader claims. Knows no format: seeds and words come from the test.
//!
//! In the test run the inputs are the same every time. With `TONGBAN_FUZZ_SECONDS` others are tried for so long.

mod damage;
mod watch;

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use damage::{Input, damaged};
use watch::Watch;

/// Tried between two looks at the time.
const PORTION: u32 = 256;
/// How often a found input is made smaller.
const SHRINKS: u32 = 2_000;

/// What one reader is fed with.
pub struct Fuzz {
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    found: Vec<Vec<u8>>,
    cases: u32,
    memory: Option<usize>,
}

impl Fuzz {
    /// Inputs that the reader knows.
    pub fn of<S: Into<Vec<u8>>>(seeds: impl IntoIterator<Item = S>) -> Self {
        Self {
            seeds: seeds.into_iter().map(Into::into).collect(),
            words: Vec::new(),
            found: Vec::new(),
            cases: PORTION,
            memory: None,
        }
    }

    /// Pieces that mean something in the format.
    pub fn words<W: AsRef<[u8]>>(mut self, words: &[W]) -> Self {
        self.words = words.iter().map(|word| word.as_ref().to_vec()).collect();
        self
    }

    /// Inputs that once did harm, in base64 as they were printed.
    #[expect(
        clippy::expect_used,
        reason = "a test that cannot be read cannot go on"
    )]
    pub fn found(mut self, inputs: &[&str]) -> Self {
        let bytes = inputs.iter().map(|input| STANDARD.decode(input));
        self.found = bytes.map(|read| read.expect("base64")).collect();
        self
    }

    /// How many inputs the test run tries.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// No input makes the reader hold more bytes than this at once.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Gives the reader one input after the other; `read` gives its answer.
    pub fn feed<A: Debug + PartialEq>(self, read: impl Fn(&[u8]) -> A) {
        let watch = Watch::begin();
        let judge = |input: &[u8]| self.judge(&watch, &read, input);
        for input in self.seeds.iter().chain(&self.found) {
            if let Err(fault) = judge(input) {
                tell(&fault, &Input(input.clone()));
            }
        }
        let inputs = damaged(&self.seeds, &self.words);
        let run = |seed: u64, cases: u32| {
            let config = Config {
                cases,
                rng_seed: RngSeed::Fixed(seed),
                failure_persistence: None,
                max_shrink_iters: SHRINKS,
                ..Config::default()
            };
            let tried = TestRunner::new(config).run(&inputs, |input| {
                judge(&input.0).map_err(TestCaseError::fail)
            });
            match tried {
                Ok(()) => {}
                Err(TestError::Fail(fault, input)) => tell(fault.message(), &input),
                Err(TestError::Abort(fault)) => panic!("{fault}"),
            }
        };
        match asked_for() {
            None => run(0, self.cases),
            Some(time) => {
                let (start, first) = (Instant::now(), of_now());
                for seed in first.. {
                    if start.elapsed() >= time {
                        break;
                    }
                    run(seed, PORTION);
                }
            }
        }
    }

    fn judge<A: Debug + PartialEq>(
        &self,
        watch: &Watch,
        read: impl Fn(&[u8]) -> A,
        input: &[u8],
    ) -> Result<(), String> {
        let held = watch.over(input);
        let first = read(input);
        let taken = held.most();
        let second = read(input);
        if first != second {
            return Err(format!("two answers: {first:?}\nand {second:?}"));
        }
        match self.memory {
            Some(most) if taken > most => Err(format!("held {taken} bytes, may hold {most}")),
            _ => Ok(()),
        }
    }
}

fn tell(fault: &str, input: &Input) -> ! {
    panic!("{fault}\n{input:?}");
}

fn asked_for() -> Option<Duration> {
    let seconds = std::env::var("TONGBAN_FUZZ_SECONDS").ok()?;
    let seconds = seconds
        .parse()
        .unwrap_or_else(|_| panic!("seconds: {seconds}"));
    Some(Duration::from_secs(seconds))
}

/// Another beginning each time; what is found is printed whole.
fn of_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs()) << 20
}
