//! What candle is to be told about threads, in the only way it listens: by the environment.

/// Turns of waiting before one of candle's threads sleeps; its own 25,000 (half a millisecond) keep
/// the core from the threads that attend, between every two layers. Measured on two cores: 16
/// answers together 195 tokens a second with 25,000, 250 with 4,000, 280 with 1,000, and no more
/// with less.
const TURNS: &str = "1000";

/// Names and values for the environment of a program that runs models, to be set before its first
/// thread starts; `is_core_spared` where a window is drawn beside them. What the user has set is
/// left alone.
pub fn environment(is_core_spared: bool) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    told(cores, is_core_spared, |name| std::env::var_os(name).is_some())
}

fn told(
    cores: usize,
    is_core_spared: bool,
    is_set: impl Fn(&str) -> bool,
) -> Vec<(&'static str, String)> {
    let own = cores.saturating_sub(usize::from(is_core_spared)).max(1);
    [
        // The matrix kernels wait by spinning, and where they find no core free, every step takes
        // many times as long.
        ("CANDLE_NUM_THREADS", own.to_string()),
        // Asked for at every product of matrices; where it is not set, the kernel's description of
        // the processors is read and parsed each time, a fifth of a judge's time.
        ("RAYON_NUM_THREADS", cores.max(1).to_string()),
        ("CANDLE_BARRIER_POOL_SPIN_LIMIT", TURNS.to_owned()),
    ]
    .into_iter()
    .filter(|(name, _)| !is_set(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_keeps_a_core_and_the_user_has_the_last_word() {
        let value = |list: &[(&str, String)], name: &str| {
            list.iter().find(|(set, _)| *set == name).map(|(_, value)| value.clone())
        };
        let alone = told(8, false, |_| false);
        assert_eq!(value(&alone, "CANDLE_NUM_THREADS").as_deref(), Some("8"));
        assert_eq!(value(&alone, "RAYON_NUM_THREADS").as_deref(), Some("8"));
        assert_eq!(value(&told(8, true, |_| false), "CANDLE_NUM_THREADS").as_deref(), Some("7"));
        assert_eq!(value(&told(1, true, |_| false), "CANDLE_NUM_THREADS").as_deref(), Some("1"));
        let said = told(8, true, |name| name == "CANDLE_NUM_THREADS");
        assert_eq!(value(&said, "CANDLE_NUM_THREADS"), None);
        assert_eq!(said.len(), 2);
    }
}
