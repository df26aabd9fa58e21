//! Who leads, who waits and for how long, and which marks are set: without a clock or a lane.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A beginning within a text, as providers keep by themselves.
fn plain(hash: u64) -> Prefix {
    Prefix::of_keys(&[(hash, None)])
}

/// Beginnings that a mark could follow: after the first block, and after the third.
fn marked(first: u64, third: u64) -> Prefix {
    Prefix::of_keys(&[(first, Some(0)), (third, Some(2))])
}

fn now() -> Instant {
    Instant::now()
}

#[test]
fn the_first_leads_and_the_others_wait_until_its_answer_begins() {
    let (mut warmth, now) = (Warmth::default(), now());
    assert_eq!(warmth.enter(&plain(7), 1, now), Ok(()));
    assert_eq!(warmth.enter(&plain(7), 2, now), Err(7));
    assert_eq!(warmth.enter(&plain(8), 3, now), Ok(()), "another beginning passes");
    assert_eq!(warmth.enter(&Prefix::default(), 4, now), Ok(()));
    warmth.park(7, (0, 2));
    assert!(warmth.sent(&plain(7), 1, now, SECOND).is_empty(), "it marks nothing");
    assert_eq!(warmth.alarm(), Some(now + SECOND));
    assert_eq!(warmth.begins(1, now), [(0, 2)]);
    assert_eq!(warmth.alarm(), None);
    assert_eq!(warmth.enter(&plain(7), 2, now), Ok(()));
    assert_eq!(warmth.enter(&plain(7), 5, now + FRESH - SECOND), Ok(()), "for five minutes");
    assert_eq!(warmth.enter(&plain(7), 6, now + FRESH), Ok(()), "then it is cold, and led anew");
    assert_eq!(warmth.enter(&plain(7), 9, now + FRESH), Err(7));
}

#[test]
fn a_wait_ends_with_its_bound_and_is_not_begun_again_at_once() {
    let (mut warmth, now) = (Warmth::default(), now());
    warmth.enter(&plain(7), 1, now).unwrap();
    warmth.park(7, (0, 2));
    assert_eq!(warmth.alarm(), Some(now + LONGEST_WAIT), "even if the leader is never sent");
    warmth.sent(&plain(7), 1, now + SECOND, SECOND);
    assert_eq!(warmth.expire(now + SECOND), []);
    assert_eq!(warmth.expire(now + 2 * SECOND), [(0, 2)]);
    for number in 3..9 {
        assert_eq!(warmth.enter(&plain(7), number, now + 3 * SECOND), Ok(()));
    }
    // The leader is answered after all.
    assert_eq!(warmth.answered(&plain(7), CacheMarks::default(), true, now + 4 * SECOND), []);
    assert_eq!(warmth.enter(&plain(7), 9, now + FRESH), Ok(()), "warm from then on");
}

#[test]
fn failing_leaders_hold_nobody_up_for_longer_than_ten_seconds() {
    let (mut warmth, begun) = (Warmth::default(), now());
    warmth.enter(&plain(7), 1, begun).unwrap();
    for number in 1..4 {
        let now = begun + 3 * SECOND * (number as u32 - 1);
        assert_eq!(warmth.enter(&plain(7), 100, now), Err(7));
        warmth.park(7, (0, 100));
        warmth.sent(&plain(7), number, now, LONGEST_WAIT);
        let failed = now + 3 * SECOND;
        assert_eq!(warmth.over(number), [(0, 100)], "a failure frees who waits");
        assert_eq!(warmth.enter(&plain(7), number + 1, failed), Ok(()), "and one of them leads");
    }
    warmth.park(7, (0, 100));
    assert_eq!(warmth.alarm(), Some(begun + LONGEST_IN_ALL));
    assert_eq!(warmth.expire(begun + LONGEST_IN_ALL), [(0, 100)]);
    assert_eq!(warmth.enter(&plain(7), 100, begun + LONGEST_IN_ALL), Ok(()));
    assert_eq!(warmth.enter(&plain(7), 101, begun + LONGEST_IN_ALL), Ok(()));
}

#[test]
fn marks_are_set_where_others_wait_and_where_it_is_warm() {
    let (mut warmth, now) = (Warmth::default(), now());
    let (one, two, three) = (marked(7, 71), marked(7, 72), marked(7, 72));
    for prefix in [&one, &two, &three] {
        warmth.joins(prefix);
    }
    warmth.enter(&one, 1, now).unwrap();
    warmth.leaves(&one);
    assert_eq!(warmth.enter(&two, 2, now), Err(7));
    let marks = warmth.sent(&one, 1, now, SECOND);
    assert_eq!(marks.list(), [0], "the rest of it is nobody else's");
    warmth.begins(1, now);
    warmth.enter(&two, 2, now).unwrap();
    warmth.leaves(&two);
    assert_eq!(warmth.enter(&three, 3, now), Err(72), "what only they share is led, too");
    assert_eq!(warmth.sent(&two, 2, now, SECOND).list(), [0, 2]);
    assert_eq!(warmth.answered(&two, warmth_marks(&[0, 2]), true, now), []);
    warmth.over(2);
    warmth.enter(&three, 3, now).unwrap();
    warmth.leaves(&three);
    assert_eq!(warmth.sent(&three, 3, now, SECOND).list(), [0, 2], "the last one reads");
    assert!(warmth.sent(&three, 3, now + FRESH, SECOND).is_empty(), "and later all is forgotten");
}

fn warmth_marks(blocks: &[u16]) -> CacheMarks {
    let mut marks = CacheMarks::default();
    for block in blocks {
        marks.put(*block);
    }
    marks
}

#[test]
fn who_is_alone_marks_nothing_and_holds_nobody_up() {
    let (mut warmth, now) = (Warmth::default(), now());
    let prefix = marked(7, 71);
    warmth.enter(&prefix, 1, now).unwrap();
    assert!(warmth.sent(&prefix, 1, now, SECOND).is_empty());
    assert_eq!(warmth.enter(&prefix, 2, now), Ok(()), "waiting for what is not kept is in vain");
    assert_eq!(warmth.over(1), []);
}

#[test]
fn what_the_provider_does_not_keep_is_marked_no_more() {
    let (mut warmth, now) = (Warmth::default(), now());
    let prefix = marked(7, 71);
    warmth.joins(&prefix);
    warmth.enter(&prefix, 1, now).unwrap();
    let marks = warmth.sent(&prefix, 1, now, SECOND);
    assert_eq!(marks.list(), [0, 2]);
    warmth.answered(&prefix, marks, false, now);
    warmth.over(1);
    for number in 2..4 {
        assert_eq!(warmth.enter(&prefix, number, now + SECOND), Ok(()));
        assert!(warmth.sent(&prefix, number, now + SECOND, SECOND).is_empty());
    }
}

#[test]
fn much_is_forgotten_and_what_somebody_waits_with_is_not() {
    let (mut warmth, begun) = (Warmth::default(), now());
    warmth.joins(&plain(0));
    warmth.enter(&plain(0), 0, begun).unwrap();
    warmth.park(0, (0, 1));
    for number in 1..100_000_u64 {
        let now = begun + Duration::from_millis(number) / 1_000;
        warmth.enter(&plain(number), number, now).unwrap();
        warmth.answered(&plain(number), CacheMarks::default(), true, now);
        warmth.over(number);
        assert!(warmth.len() <= 2 * MOST_KNOWN, "{}", warmth.len());
    }
    assert_eq!(warmth.over(0), [(0, 1)]);
    assert!(warmth.leaders.is_empty() && warmth.alarms.is_empty());
}
