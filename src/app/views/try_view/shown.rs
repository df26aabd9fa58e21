//! What the Try screen shows of a chain, whether it is on its way, stopped short, or done.

use crate::app::state::trial::{CallState, LiveCall, Trial, TrialStatus};
use crate::domain::{CallFailure, Chain, Finish, PrincipleId, Purpose, ScoredResponse};

/// A text of the chain and how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece<'a> {
    /// The text so far.
    pub text: &'a str,
    /// How far it is.
    pub state: PieceState<'a>,
}

/// How far a [`Piece`] is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PieceState<'a> {
    /// It is coming.
    Streaming,
    /// All of it is there.
    Done {
        /// It came from the journal and cost nothing.
        replayed: bool,
        /// The longest length was reached.
        cut_off: bool,
    },
    /// It broke off and is asked again, for that reason.
    Retrying(&'a str),
    /// It broke off, with what there was.
    Failed(&'a CallFailure),
    /// The user stopped it.
    Stopped,
}

impl Piece<'_> {
    /// Whether all of it is there, so that it can be compared.
    pub fn is_done(&self) -> bool {
        matches!(self.state, PieceState::Done { .. })
    }
}

/// One critique and revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Round<'a> {
    /// Counts from 1.
    pub round: u32,
    /// The principle drawn.
    pub principle: &'a PrincipleId,
    /// What the critic wrote.
    pub critique: Option<Piece<'a>>,
    /// The critic found nothing to mend, so the answer stays as it was.
    pub found_nothing: bool,
    /// The answer after.
    pub revision: Option<Piece<'a>>,
}

/// A chain as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<'a> {
    /// The first answer.
    pub draft: Option<Piece<'a>>,
    /// The rounds begun.
    pub rounds: Vec<Round<'a>>,
}

/// A response and its score, where it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged<'a> {
    /// The response's score, once it is there.
    pub scored: Option<&'a ScoredResponse>,
    /// Verdicts that are there, while it is being judged.
    pub verdicts: usize,
}

impl<'a> Shown<'a> {
    /// The chain of a trial.
    pub fn of(trial: &'a Trial) -> Self {
        if let Some(chain) = trial.row.as_ref().and_then(|row| row.chain.as_ref()) {
            return Self::of_chain(chain, trial);
        }
        let draft = trial
            .calls
            .iter()
            .find(|call| matches!(call.purpose, Purpose::Draft { .. }))
            .map(|call| piece(call, trial));
        Self { draft, rounds: live_rounds(trial) }
    }

    /// The chain of a row: what was kept, rather than what was seen coming.
    fn of_chain(chain: &'a Chain, trial: &'a Trial) -> Self {
        let done = |purpose: &dyn Fn(&Purpose) -> bool, cut_off: bool| {
            let call = trial.calls.iter().find(|call| purpose(&call.purpose));
            PieceState::Done { replayed: call.is_some_and(is_replayed), cut_off }
        };
        let draft = Piece {
            text: &chain.draft,
            state: done(&|p| matches!(p, Purpose::Draft { .. }), chain.draft_cut_off),
        };
        let mut rounds: Vec<Round<'a>> = chain
            .steps
            .iter()
            .map(|step| {
                let is_critique = |p: &Purpose| matches!(p, Purpose::Critique { round, .. } if *round == step.round);
                let is_revision = |p: &Purpose| matches!(p, Purpose::Revision { round, .. } if *round == step.round);
                Round {
                    round: step.round,
                    principle: &step.principle,
                    critique: Some(Piece { text: &step.critique, state: done(&is_critique, false) }),
                    found_nothing: step.found_nothing,
                    revision: (!step.found_nothing).then(|| Piece {
                        text: &step.revision,
                        state: done(&is_revision, step.cut_off),
                    }),
                }
            })
            .collect();
        // A chain that stopped short keeps its whole rounds; the one that broke is in the calls
        // alone.
        let known = rounds.len() as u32;
        rounds.extend(live_rounds(trial).into_iter().filter(|round| round.round > known));
        Self { draft: Some(draft), rounds }
    }

    /// The answer before a round: the newest revision before it, else the draft.
    pub fn before(&self, round: u32) -> Option<&'a str> {
        self.rounds
            .iter()
            .rev()
            .filter(|earlier| earlier.round < round)
            .find_map(|earlier| earlier.revision.as_ref())
            .or(self.draft.as_ref())
            .map(|piece| piece.text)
    }

    /// The newest answer that is all there.
    pub fn last_done(&self) -> Option<&'a str> {
        self.rounds
            .iter()
            .rev()
            .filter_map(|round| round.revision.as_ref())
            .find(|piece| piece.is_done())
            .or_else(|| self.draft.as_ref().filter(|piece| piece.is_done()))
            .map(|piece| piece.text)
    }

    /// Names of the answers that are all there, as rewards name them: `draft`, `revision 1`, ….
    pub fn response_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        if self.draft.is_some_and(|draft| draft.is_done()) {
            names.push("draft".to_owned());
        }
        for round in &self.rounds {
            if round.revision.is_some_and(|revision| revision.is_done()) || round.found_nothing {
                names.push(format!("revision {}", round.round));
            }
        }
        names
    }
}

/// The judgement of a response, by name.
pub fn judged<'a>(trial: &'a Trial, name: &str) -> Judged<'a> {
    let scored =
        trial.row.as_ref().and_then(|row| row.scores.iter().find(|scored| scored.name == name));
    let verdicts = trial
        .calls
        .iter()
        .filter(|call| {
            matches!(call.state, CallState::Done { .. })
                && matches!(&call.purpose, Purpose::Criterion { response, .. } if response == name)
        })
        .count();
    Judged { scored, verdicts }
}

fn is_replayed(call: &LiveCall) -> bool {
    matches!(call.state, CallState::Done { replayed: true, .. })
}

fn piece<'a>(call: &'a LiveCall, trial: &Trial) -> Piece<'a> {
    let state = match &call.state {
        CallState::Running if trial.status == TrialStatus::Stopped => PieceState::Stopped,
        CallState::Running => PieceState::Streaming,
        CallState::Retrying(why) => PieceState::Retrying(why),
        CallState::Done { reply, replayed, .. } => {
            PieceState::Done { replayed: *replayed, cut_off: reply.finish == Finish::Length }
        }
        CallState::Failed { failure, .. } => PieceState::Failed(failure),
    };
    Piece { text: call.text.trim_start(), state }
}

fn live_rounds(trial: &Trial) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    for call in &trial.calls {
        let (number, principle, is_critique) = match &call.purpose {
            Purpose::Critique { round, principle } => (*round, principle, true),
            Purpose::Revision { round, principle } => (*round, principle, false),
            Purpose::Draft { .. }
            | Purpose::Reason { .. }
            | Purpose::Comparison { .. }
            | Purpose::Criterion { .. }
            | Purpose::Suggestion { .. }
            | Purpose::Votes { .. }
            | Purpose::Probe => continue,
        };
        let place = rounds.iter().position(|round| round.round == number).unwrap_or_else(|| {
            rounds.push(Round {
                round: number,
                principle,
                critique: None,
                found_nothing: false,
                revision: None,
            });
            rounds.len() - 1
        });
        let part = Some(piece(call, trial));
        if is_critique {
            rounds[place].critique = part;
        } else {
            rounds[place].revision = part;
        }
    }
    rounds.sort_by_key(|round| round.round);
    // A later round has begun without a revision here: the critic found nothing.
    let last = rounds.last().map_or(0, |round| round.round);
    for round in &mut rounds {
        let critique_done = round.critique.is_some_and(|critique| critique.is_done());
        round.found_nothing = round.revision.is_none() && round.round < last && critique_done;
    }
    rounds
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Prompt, Row, Step, Usage};

    fn call(purpose: Purpose, text: &str) -> LiveCall {
        LiveCall { purpose, text: text.to_owned(), state: CallState::Running }
    }

    fn trial(calls: Vec<LiveCall>) -> Trial {
        Trial { number: 1, seed: 7, calls, ..Trial::default() }
    }

    fn critique(round: u32) -> Purpose {
        Purpose::Critique { round, principle: "P1".into() }
    }

    fn revision(round: u32) -> Purpose {
        Purpose::Revision { round, principle: "P1".into() }
    }

    #[test]
    fn a_chain_is_shown_as_it_comes() {
        let mut trial = trial(vec![
            call(Purpose::Draft { candidate: 0 }, " A draft"),
            call(critique(1), "It is"),
        ]);
        let shown = Shown::of(&trial);
        assert_eq!(shown.draft.map(|piece| piece.text), Some("A draft"));
        assert_eq!(shown.rounds.len(), 1);
        assert_eq!(shown.rounds[0].critique.map(|piece| piece.state), Some(PieceState::Streaming));
        assert!(shown.rounds[0].revision.is_none());
        trial.status = TrialStatus::Stopped;
        let shown = Shown::of(&trial);
        assert_eq!(shown.rounds[0].critique.map(|piece| piece.state), Some(PieceState::Stopped));
    }

    #[test]
    fn the_answer_before_a_round_is_the_newest_revision() {
        let trial = trial(vec![
            call(Purpose::Draft { candidate: 0 }, "draft"),
            call(revision(1), "one"),
            call(critique(2), "nothing"),
            call(revision(3), "three"),
        ]);
        let shown = Shown::of(&trial);
        assert_eq!(shown.before(1), Some("draft"));
        assert_eq!(shown.before(2), Some("one"));
        assert_eq!(shown.before(3), Some("one"));
    }

    #[test]
    fn a_row_tells_what_the_calls_did_not() {
        let mut trial = trial(vec![call(Purpose::Draft { candidate: 0 }, "old text")]);
        trial.status = TrialStatus::Done;
        trial.row = Some(Arc::new(Row {
            votes: Vec::new(),
            whole: None,
            canary: None,
            prompt: Prompt::of_text("p", "?"),
            chain: Some(Chain {
                draft: "draft".to_owned(),
                draft_cut_off: true,
                steps: vec![Step {
                    round: 1,
                    principle: "P1".into(),
                    critique_request: String::new(),
                    critique: "No change needed.".to_owned(),
                    found_nothing: true,
                    revision_request: String::new(),
                    revision: "draft".to_owned(),
                    cut_off: false,
                    critique_cut_off: false,
                }],
            }),
            pair: None,
            scores: Vec::new(),
            failure: None,
            refused: Vec::new(),
            usage: Usage::default(),
            provenance: crate::domain::Provenance::default(),
            by_hand: crate::domain::ByHand::default(),
        }));
        let shown = Shown::of(&trial);
        assert_eq!(
            shown.draft.map(|draft| draft.state),
            Some(PieceState::Done { replayed: false, cut_off: true })
        );
        assert!(shown.rounds[0].found_nothing);
        assert!(shown.rounds[0].revision.is_none());
        assert_eq!(shown.last_done(), Some("draft"));
        assert_eq!(shown.response_names(), ["draft", "revision 1"]);
    }
}
