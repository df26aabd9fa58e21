//! How common things are done.

use super::Term;

const fn topic(name: &'static str, text: &'static str, see: &'static [&'static str]) -> Term {
    Term { name, also: &[], text, see }
}

/// All topics.
pub(super) const TOPICS: &[Term] = &[
    topic(
        "How do I see what a principle does?",
        "Open Try, select a prompt and press Ctrl+Enter. The draft is criticised and revised by \
         the principles in force; the difference by words shows what each of them changed. Edit \
         the principle in Constitution and run again: only the calls that it touches are new.",
        &["chain", "replay"],
    ),
    topic(
        "How do I write a good principle?",
        "Start from an answer that you do not like and say what a good one does instead. Keep to \
         one idea, say what to do rather than what to be, and pin the prompt as a case. Then look \
         at prompts that the principle was not made for: it should leave them alone.",
        &["principle", "case"],
    ),
    topic(
        "How do I score answers by a rubric?",
        "Add criteria in Rubric, with a sentence for each level, and choose how they become one \
         reward. In Try, switch scoring on: each response shows its reward, and each reward the \
         verdicts that it was made of.",
        &["rubric", "reward"],
    ),
    topic(
        "How do I go back to what I had?",
        "Ctrl+Z takes edits back one by one, wherever they were made. History in the Edit menu \
         lists all edits of this sitting; a click goes back to one, and what you leave stays \
         listed as a branch. For longer, press Ctrl+S to keep a named version; Versions compares \
         two of them and brings one back.",
        &["version"],
    ),
    topic(
        "How do I find something?",
        "Ctrl+K finds commands, principles, criteria, prompts, documents, runs, models and terms \
         by a few of their letters. Ctrl+F filters the list in front of you. Ctrl+Shift+F looks \
         through every text of the project, answers and critiques included, and takes regular \
         expressions.",
        &["journal"],
    ),
    topic(
        "How do I connect another model?",
        "In Settings add a model with its address and key, or look for servers on this computer. \
         Then say which model writes, criticises and judges. Keys are kept by the system's \
         keychain or for this sitting only, never in the project.",
        &["embedded model", "judge"],
    ),
    topic(
        "How do I bring my own prompts or principles?",
        "Drop a file on the window or use Import in the File menu. Lists, tables, Markdown, JSON \
         and Parquet are recognised; what was left out or changed is said before it counts.",
        &["prompt set", "constitution"],
    ),
    topic(
        "How do I find out whether to trust the judge?",
        "In Judges make a label set from the answers of a run or comparison, and say which are \
         better: one key each, no verdict in sight. The report then sets the judge beside you: \
         how far it agrees, under which principles, where it goes by place or length, and what \
         its probabilities are worth. Each disagreement leads to the principle, or becomes an \
         example for the judge.",
        &["label set", "agreement", "gold"],
    ),
    topic(
        "How do I make training data?",
        "Run a method over a prompt set, then export its rows: answers to learn for SFT, pairs for \
         DPO, or rewards. The configuration and a data card go with the file, so that the numbers \
         can be traced.",
        &["SFT", "preference pair", "data card"],
    ),
    topic(
        "How do I work without the mouse?",
        "F6 goes round the panes, Tab through the controls, arrows through a list; Alt+Left and \
         Alt+Right go back and forward through the places that you looked at. F1 shows the keys of \
         the screen, and Ctrl+K reaches every command.",
        &[],
    ),
];
