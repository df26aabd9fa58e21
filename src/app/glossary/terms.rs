//! The terms, in alphabetical order.

use super::Term;

const fn term(
    name: &'static str,
    also: &'static [&'static str],
    text: &'static str,
    see: &'static [&'static str],
) -> Term {
    Term { name, also, text, see }
}

/// All terms.
pub(super) const TERMS: &[Term] = &[
    term(
        "aggregation",
        &["weighted mean", "minimum", "geometric mean"],
        "How the scores of a rubric's criteria become one reward. The weighted mean lets a good \
         score make up for a bad one; the minimum and the geometric mean do not; points add what \
         is met and subtract what is a fault. The rubric page shows what each of them would do to \
         the responses in front of you.",
        &["reward", "criterion", "gate"],
    ),
    term(
        "agreement",
        &["kappa", "κ", "Cohen’s kappa"],
        "How far a judge says what people say. Raw agreement is the share of items on which \
         both say the same; κ takes out what two who guess would reach: 0 is no better than \
         guessing, 1 the same on all. Neither says much alone: read it beside the constant \
         guess, which always says what people say most, and beside how far people agree among \
         themselves.",
        &["interval", "gold", "self-agreement"],
    ),
    term(
        "bootstrap",
        &["resampling"],
        "A way to tell how much a number depends on which prompts happened to be drawn. The \
         prompts are drawn again, with repeats, many times, and the number is worked out for each \
         draw; the spread of the results is the interval, made wider where few prompts decide it. \
         Whole prompts are drawn, not single rows, since rows of one prompt resemble each other.",
        &["interval"],
    ),
    term(
        "calibration",
        &["Brier score", "ECE", "reliability curve"],
        "Whether a probability means what it says: of the verdicts with .8, people should side \
         with the judge on eight of ten. The reliability curve shows that for each range; the \
         Brier score is the mean squared distance, smaller is better; ECE the mean distance \
         from the diagonal. A judge that is too sure of itself can be mended by a map fitted on \
         one half of the labels.",
        &["agreement", "soft label"],
    ),
    term(
        "canary",
        &["false passes"],
        "A pair of which everybody knows which answer is better, judged beside some of yours. A \
         judge that gets it wrong does not look. Canaries are in no export.",
        &["judge"],
    ),
    term(
        "case",
        &["pinned case", "pinned prompt"],
        "A prompt pinned to a principle, with a note of what a good answer does. Cases show what \
         an edit of the principle does to the answers that it was written for.",
        &["principle"],
    ),
    term(
        "chain",
        &["critique and revision", "critique–revision"],
        "Draft, critique, revision: a model writes an answer, criticises it by one principle, and \
         writes it anew. Each further round draws another principle. The last revision is the \
         answer that the constitution asks for.",
        &["draft", "critique", "revision"],
    ),
    term(
        "comparison",
        &["compare", "A and B"],
        "Two sides, A and B, answer the same prompts under the same seeds, and a judge says which \
         answer is better. Orange always stands for A, the side before; blue for B, the side \
         after. What counts is not the sum alone but which prompts changed sides.",
        &["win rate", "judge", "tie"],
    ),
    term(
        "constant guess",
        &["base rate"],
        "The agreement that somebody would reach who always said what people say most often. \
         Where two thirds of the pairs go to the longer answer, always taking the longer one \
         agrees on two thirds. A judge has to be clearly better than that before it is worth \
         asking.",
        &["agreement"],
    ),
    term(
        "constitution",
        &[],
        "A list of principles by which a model criticises, revises and compares its answers, with \
         a preface that it is shown first. It is a text that people can read and argue about, and \
         the whole of what the model is asked to go by.",
        &["principle", "RLAIF"],
    ),
    term(
        "corrected rate",
        &["Rogan–Gladen"],
        "The share of answers that pass or win by the judge, with its known errors taken out: \
         how often it passes what people fail, and fails what people pass, is measured on the \
         labels, and the rate is moved by as much. The interval then holds both the sample’s \
         luck and the judge’s errors.",
        &["judge", "agreement"],
    ),
    term(
        "criterion",
        &["criteria"],
        "One thing that is judged about a response, on a scale of levels or as points for yes or \
         no. A good criterion asks one thing only: a judge that is asked two at once answers \
         neither.",
        &["rubric", "level", "points"],
    ),
    term(
        "critique",
        &[],
        "What a model writes when it is shown an answer and asked how the answer falls short of \
         one principle. It may find nothing to mend; then the answer stays as it is and no \
         revision is asked for.",
        &["chain", "revision"],
    ),
    term(
        "cut off",
        &["truncated", "length limit"],
        "The model reached its longest length before it came to an end. Such an answer lacks its \
         last words, so it is marked wherever it is shown, and exports leave it out unless you \
         say otherwise.",
        &["unparsed"],
    ),
    term(
        "data card",
        &["dataset card"],
        "A page that goes with every exported dataset: what it holds, which documents, models and \
         seeds made it, how many rows were left out and why. Without it nobody can tell later \
         what the numbers mean.",
        &["journal"],
    ),
    term(
        "draft",
        &["first answer"],
        "The first answer to a prompt, before any principle is applied. In a preference pair it is \
         usually the worse one; that has to be shown by a judge, not taken for granted.",
        &["chain"],
    ),
    term(
        "drop band",
        &["undecided band"],
        "The range around one half in which a judged pair is left out of the dataset, because the \
         judge was not sure which answer is better. A wider band gives fewer but clearer pairs. \
         How many were dropped is always said.",
        &["preference pair", "soft label"],
    ),
    term(
        "embedded model",
        &["starter model"],
        "A small language model that runs inside the program. It needs no key and no network, and \
         nothing leaves this computer. It is good for seeing how things work; for judgements that \
         matter connect a larger one.",
        &["judge"],
    ),
    term(
        "found nothing",
        &["no-op"],
        "A critique that names no fault. The reviser is then not asked, and the answer after is \
         the answer before. Many of these for one principle mean that it asks for what the model \
         does anyway.",
        &["critique"],
    ),
    term(
        "gate",
        &["veto"],
        "A criterion that can veto: when it is not met, or stays below its level, the whole reward \
         is 0 whatever the others say. Use it for what must never be traded away.",
        &["criterion", "reward"],
    ),
    term(
        "gold",
        &["dev", "gold part", "dev part"],
        "The part of a label set that is locked for reporting. Its prompts are never used for \
         examples, fits or reading disagreements; that is what the other part, dev, is for. \
         Each look at how a judge does on gold is counted, since who looks often enough tunes \
         to it without wanting to.",
        &["label set"],
    ),
    term(
        "interval",
        &["confidence interval", "±"],
        "The range in which the true value plausibly lies, given how few prompts were looked at. \
         Read .71 ±.09 as: probably between .62 and .80. Where the interval of a difference holds \
         0, the two sides are not clearly different.",
        &["bootstrap", "n"],
    ),
    term(
        "journal",
        &[],
        "A file in the project folder that keeps every call to a model, every row, run and named \
         version. A reply is used only after it is written there, so nothing that was paid for is \
         lost, and whatever is asked again word by word costs nothing.",
        &["replay", "run"],
    ),
    term(
        "judge",
        &["critic", "grader"],
        "A model that says which of two responses is better, or how well one meets a criterion. A \
         judge has habits of its own: it may prefer the first answer, the longer one, or its own \
         style. Read its verdicts beside a few of your own. A judge of the project may be several \
         models that count as one by a rule; a recipe that names it has them all judge.",
        &["protocol", "position bias"],
    ),
    term(
        "label guide",
        &["guide"],
        "What labellers read before they decide: what counts, what does not, and what to do in \
         doubt, with worked examples. It has a version; labels made under an older one are \
         marked stale, since the same verdicts agree or not depending on one clause of the \
         guide.",
        &["label set", "stale label"],
    ),
    term(
        "label set",
        &["label queue", "labels"],
        "Items, each a prompt with one answer or two, that people are asked about, with a guide \
         and what they said. What a judge said is never in it, so nobody labels with a verdict \
         in sight. It is a folder of plain files in the project; each labeller has a file of \
         their own.",
        &["label guide", "gold", "self-agreement"],
    ),
    term(
        "level",
        &["levels", "anchor"],
        "A step of a criterion's scale, worst to best, each with a sentence that says what a \
         response at that step is like (its anchor). Clear anchors make two judges agree more than \
         anything else does.",
        &["criterion", "points"],
    ),
    term(
        "method",
        &["recipe"],
        "What a run does with each prompt: critique and revise, score by a rubric, compare two \
         answers, or a chain with scores. A recipe is a method with its documents, rounds and \
         sampling, kept as a file of the project.",
        &["run"],
    ),
    term(
        "n",
        &["sample size", "number of prompts"],
        "How many prompts a number rests on. Under the least number that says anything, the window \
         shows “too few” with the count instead of a value.",
        &["interval"],
    ),
    term(
        "order gap",
        &["flip"],
        "How much a verdict changes when the two answers trade places. Each pair is judged in both \
         orders; a judge that reads what it judges gives the same verdict, so the gap is near 0. A \
         large one means that the place decided.",
        &["position bias", "tie"],
    ),
    term(
        "panel of judges",
        &["ensemble", "effective number of judges"],
        "Several models judge as one. Where they err alike, many are worth hardly more than one: \
         the correlation of their errors says how many they are worth.",
        &["judge", "agreement"],
    ),
    term(
        "points",
        &[],
        "A criterion that is met or not met. Met, it adds its points; negative points mark a fault, \
         so that meeting it lowers the reward. The reward is what was gained over all that could \
         be.",
        &["criterion", "aggregation"],
    ),
    term(
        "position bias",
        &["order effect"],
        "A judge's habit of preferring the answer that it reads first (or last), whatever the \
         answers say. Judging both orders and averaging takes most of it out; how large it was is \
         shown beside the result.",
        &["order gap", "judge"],
    ),
    term(
        "preference pair",
        &["chosen and rejected", "DPO"],
        "One prompt with two answers and the verdict which is better. Training on such pairs (DPO \
         and its relatives) moves a model towards the chosen answers without a separate reward \
         model.",
        &["soft label", "drop band", "RLAIF"],
    ),
    term(
        "principle",
        &[],
        "One thing that a response should do or avoid, in a sentence or two. One idea each: a \
         principle that asks for two things can't be told apart in the results.",
        &["constitution", "case"],
    ),
    term(
        "priority",
        &[],
        "Which principle wins when two pull apart, from 1 (first) to 5 (last). It is said to the \
         model along with the principles; it does not change how often a principle is drawn.",
        &["weight", "principle"],
    ),
    term(
        "project",
        &["project folder"],
        "A folder with constitutions, rubrics, prompts and a journal, all in plain files except the \
         journal. It can be copied, put under version control and opened elsewhere; keys to models \
         are never in it.",
        &["journal", "version"],
    ),
    term(
        "prompt",
        &["message"],
        "What a user says to the model that is being shaped, one message or a conversation. \
         Results only speak for prompts like those that were tried.",
        &["prompt set"],
    ),
    term(
        "prompt set",
        &["prompts"],
        "A file of prompts that runs, comparisons and exports go through. Keep those that you \
         write principles from apart from those that you measure with, or you measure your own \
         memory.",
        &["prompt", "run"],
    ),
    term(
        "protocol",
        &["judge protocol"],
        "The form in which a judge is asked: choose between two answers, say yes or no about one, \
         or name a level. Small models answer only some forms reliably, so the protocol is settled \
         for each judge before a run begins and is written down with it.",
        &["judge"],
    ),
    term(
        "replay",
        &["replayed", "from the journal"],
        "A call that was answered from the journal instead of being sent, because the very same \
         request was answered before. It costs nothing and gives the same words. After an edit \
         only the calls whose text changed are new.",
        &["journal", "seed"],
    ),
    term(
        "revision",
        &[],
        "The answer written anew after a critique. It should mend what the critique names and \
         leave the rest alone; the difference by words shows whether it did.",
        &["critique", "chain"],
    ),
    term(
        "reward",
        &["score"],
        "The one number that a rubric gives a response, normally from 0 to 1. It is only as good as \
         the criteria and the judge behind it, so every reward opens the verdicts that it was made \
         of.",
        &["rubric", "aggregation", "gate"],
    ),
    term(
        "RLAIF",
        &["constitutional AI", "reinforcement learning from AI feedback"],
        "Training a model on verdicts that another model gives by written rules, where people write \
         the rules rather than every verdict. Constitutional AI is its best-known form. This \
         program makes the data for it; the training is done elsewhere.",
        &["constitution", "preference pair", "SFT"],
    ),
    term(
        "row",
        &["record"],
        "What a run gives for one prompt: the chain, the pair or the scores, with all that made it. \
         A row that failed has a named failure; it is counted and never becomes a number.",
        &["run", "unparsed"],
    ),
    term(
        "rubric",
        &[],
        "A list of criteria with scales and weights, and the way in which their scores become one \
         reward. Where a constitution says what a model should do, a rubric says what earns how \
         much.",
        &["criterion", "reward"],
    ),
    term(
        "run",
        &["job"],
        "One method applied to all prompts of a set. Everything that it was started with is kept \
         with it: the documents in full, models, seed and program version. A run that was stopped \
         goes on where it was; what is there costs nothing.",
        &["method", "journal", "row"],
    ),
    term(
        "sampling",
        &["temperature", "top p"],
        "How a model picks each next word. A low temperature takes the likeliest and repeats \
         itself; a high one varies. Judges are asked at temperature 0, so that the same question \
         gets the same answer.",
        &["seed"],
    ),
    term(
        "seed",
        &["random seed"],
        "The number that all chance in a run follows from: which principle is drawn, and how a \
         model samples where it takes a seed. The same seed on the same documents gives the same \
         draws; another seed shows how much was luck.",
        &["sampling", "replay"],
    ),
    term(
        "self-agreement",
        &["hidden repeat", "hidden repeats"],
        "How often a labeller says the same when an item comes a second time, without being \
         told, and with the sides drawn anew. No judge can agree with people more than they \
         agree with themselves, so it is the ceiling of what can be asked of one.",
        &["agreement", "label set"],
    ),
    term(
        "self-preference",
        &["own family"],
        "A judge that is milder with answers of its own model or family: of the pairs in which \
         people side with the judge’s own answer it agrees more often than of those in which \
         they side with the other. That people prefer its answers is no bias; the difference \
         is.",
        &["judge", "agreement"],
    ),
    term(
        "SFT",
        &["supervised fine-tuning"],
        "Supervised fine-tuning: training a model to give certain answers to certain prompts. From \
         chains, the last revision becomes the answer to learn.",
        &["chain", "preference pair"],
    ),
    term(
        "soft label",
        &["probability label"],
        "A preference written as a probability (A is better with .83) instead of a plain choice. It \
         keeps how sure the judge was, which helps training where many pairs are close calls.",
        &["preference pair", "drop band"],
    ),
    term(
        "stale label",
        &["stale"],
        "A label made under an older version of the guide, or before the principle’s text was \
         changed. It is kept and counted apart; labelling the item again takes its place.",
        &["label guide"],
    ),
    term(
        "template",
        &["prompt template"],
        "The text that is put around principles, prompts and answers before they are sent to a \
         model. The ones built in can be read in full, and a project may have its own.",
        &["critique"],
    ),
    term(
        "tie",
        &["draw"],
        "A pair in which neither answer is clearly better: the judge said so, or its two verdicts \
         in the two orders cancel out. Ties count as half a win for each side.",
        &["win rate", "order gap"],
    ),
    term(
        "token",
        &["tokens"],
        "The piece of text that a model reads and writes, about three quarters of an English word. \
         Prices and length limits are counted in tokens.",
        &["cut off"],
    ),
    term(
        "unparsed",
        &["unreadable verdict"],
        "A verdict that could not be read: the judge wrote something else than was asked. It is \
         kept in full, counted and left out of every average; it is never taken for a zero or a \
         tie.",
        &["judge", "protocol"],
    ),
    term(
        "version",
        &["named version", "snapshot"],
        "A document as it was when you pressed Ctrl+S, with a name and a note. Everything is saved \
         to disk by itself all the time; a version is what you come back to, compare with, and \
         tell others about.",
        &["journal"],
    ),
    term(
        "weight",
        &[],
        "Of a principle: how often it is drawn, relative to the others. Of a criterion: its share \
         in the reward. A weight of 0 leaves it out.",
        &["priority", "aggregation"],
    ),
    term(
        "win rate",
        &["preference rate"],
        "The share of prompts on which a side was judged better, ties counted as half. At .50 the \
         sides are level. Look at the interval first: with few prompts, .58 may well be luck.",
        &["tie", "interval", "comparison"],
    ),
];
