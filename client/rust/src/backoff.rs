use std::time::Duration;

pub(crate) const FIRST: Duration = Duration::from_millis(200);
pub(crate) const LONGEST: Duration = Duration::from_secs(5);

/// Exponential backoff with jitter. The jitter prevents many clients from
/// reconnecting to a restarted server at the same moment.
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    current: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            current: first,
        }
    }

    pub(crate) fn next_delay(&mut self) -> Duration {
        let delay = self.current.mul_f64(0.5 + random_fraction() / 2.0);
        self.current = (self.current * 2).min(self.longest);
        delay
    }

    pub(crate) fn reset(&mut self) {
        self.current = self.first;
    }
}

/// From 0 to 1. Each `RandomState` has new random keys; that is enough for jitter.
fn random_fraction() -> f64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_with_jitter() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        for expected in [100, 200, 350, 350] {
            let delay = backoff.next_delay();
            assert!(delay >= Duration::from_millis(expected / 2), "{delay:?}");
            assert!(delay <= Duration::from_millis(expected), "{delay:?}");
        }
        backoff.reset();
        assert!(backoff.next_delay() <= Duration::from_millis(100));
    }
}
