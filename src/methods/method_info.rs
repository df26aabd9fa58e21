//! The methods there are, as menus, help and checks know them.

use crate::domain::Method;

/// A method, as menus, help and checks know it.
#[derive(Debug, Clone, Copy)]
pub struct MethodInfo {
    /// The method.
    pub method: Method,
    /// What people call it.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub line: &'static str,
    /// More about it, and what its rows can become.
    pub doc: &'static str,
    /// Paper and section.
    pub source: &'static str,
    /// Whether it draws principles.
    pub needs_constitution: bool,
    /// Whether it scores by criteria.
    pub needs_rubric: bool,
}

/// All methods.
pub static METHODS: &[MethodInfo] = &[
    MethodInfo {
        method: Method::Critique,
        title: "Critique and revision",
        line: "Drafts an answer, then criticises and rewrites it by sampled principles",
        doc: "The writer answers the prompt. In each round a principle is drawn by weight, the \
              critic says what goes against it, and the reviser rewrites the answer. The last \
              answer is for supervised fine-tuning; draft and last answer make a derived pair.",
        source: "Bai et al. 2022 (arXiv:2212.08073), section 3.1",
        needs_constitution: true,
        needs_rubric: false,
    },
    MethodInfo {
        method: Method::Preference,
        title: "Preference",
        line: "Draws two answers and asks a judge which is better under sampled principles",
        doc: "The writer answers the prompt twice, or two models that the recipe names answer it \
              once each. The judge compares both answers under several \
              principles, in both orders, and the probabilities are averaged. A prompt that brings \
              two answers in its columns a and b has those compared instead. The pairs are for \
              preference optimisation and reward models.",
        source: "Bai et al. 2022 (arXiv:2212.08073), section 4.1; Lee et al. 2023 (arXiv:2309.00267)",
        needs_constitution: true,
        needs_rubric: false,
    },
    MethodInfo {
        method: Method::ChainPreference,
        title: "Critique, revision and preference",
        line: "Makes a revised answer and a judged pair of each prompt, side by side",
        doc: "Runs critique and revision and, at the same time, has a judge compare two answers. One run gives the data of both phases: a row's last revision is for \
              supervised fine-tuning, its pair for preference optimisation. Where one of the two \
              fails, the other is kept and exported. Unless the recipe names models for the pair, \
              its first answer is the chain's draft.",
        source: "Bai et al. 2022 (arXiv:2212.08073), sections 3.1 and 4.1",
        needs_constitution: true,
        needs_rubric: false,
    },
    MethodInfo {
        method: Method::Rank,
        title: "Tournament",
        line: "Has several answers to a prompt compared pair by pair",
        doc: "The writer answers several times, or several models that the recipe names answer once \
              each, or the prompt brings the answers in its column responses. Up to five all meet; \
              of more, answers of like points meet in Swiss rounds; or always the two meet whose \
              order the games so far tell least about, which takes fewer games. The pair that lies \
              furthest apart is for preference optimisation; across prompts the games rank the \
              models.",
        source: "Bradley and Terry 1952; MacKay 1992; Ouyang et al. 2022 (arXiv:2203.02155), section 3.4",
        needs_constitution: true,
        needs_rubric: false,
    },
    MethodInfo {
        method: Method::Votes,
        title: "Votes of principles",
        line: "Asks which of two given answers each principle speaks for: A, B, both or none",
        doc: "Each prompt brings two answers in its columns a and b. All principles are asked about \
              together, several times in changing order, and what they say the same each time \
              counts. The votes show which principles speak, agree with people, say the same or \
              pull apart.",
        source: "Findeis et al. 2024 (arXiv:2406.06560), section 3",
        needs_constitution: true,
        needs_rubric: false,
    },
    MethodInfo {
        method: Method::Score,
        title: "Rubric score",
        line: "Scores one answer by every criterion of a rubric and adds them up to a reward",
        doc: "The answer is the prompt's own (a column called response), else the writer's draft. \
              The judge writes a reason and then its verdict for each criterion; with \
              log-probabilities the score is their mean. The rewards are for reinforcement \
              learning and for filtering.",
        source: "Liu et al. 2023 (arXiv:2303.16634), section 2.3; Arora et al. 2025 (HealthBench)",
        needs_constitution: false,
        needs_rubric: true,
    },
    MethodInfo {
        method: Method::ChainScore,
        title: "Critique, revision and score",
        line: "Runs critique and revision, then scores the draft and every revision by a rubric",
        doc: "Shows whether revising by the constitution raises the rubric's reward, answer by \
              answer.",
        source: "Bai et al. 2022, section 3.1; Liu et al. 2023, section 2.3",
        needs_constitution: true,
        needs_rubric: true,
    },
];
