//! Judgings: a label set's items judged in a run, joined with people's labels.

use std::sync::Arc;

use super::fake::{Fake, refusal, silent};
use crate::domain::{
    Aspect, Certainty, FailureKind, JudgeExample, JudgeProtocol, JudgeSetup, Label, LabelAnswer,
    LabelItem, LabelSet, LabelTask, PanelRule, Prompt, Purpose, Recalibration, Split,
};
use crate::engine::judging::{self, About, Judging, JudgingWishes, NotWeighed};
use crate::engine::manner::Shown;
use crate::engine::*;
use crate::methods::perturb::Perturbation;
use crate::providers::{Provider, Retry};
use crate::stats::calibration::Kind;
use crate::stats::ensemble::Weighing;
use crate::store::labels;
use crate::store::sample::{Sample, init};
use crate::store::secrets::Secrets;
use crate::store::{Journal, Project};

const ITEMS: usize = 24;

/// An item whose better answer says so.
fn item(n: usize, aspect: Option<&str>) -> LabelItem {
    let (good, bad) = (format!("GOOD answer {n}"), format!("bad answer {n}"));
    let (a, b) = if n.is_multiple_of(2) { (good, bad) } else { (bad, good) };
    LabelItem {
        id: format!("i{n:02}"),
        prompt: Prompt::of_text(format!("p{n:02}"), format!("Question {n}?")),
        a,
        b: Some(b),
        a_model: "small".to_owned(),
        b_model: "large".to_owned(),
        aspect: aspect.map(|text| Aspect {
            id: "P1".to_owned(),
            text: text.to_owned(),
            levels: Vec::new(),
        }),
    }
}

fn label(item: &LabelItem, answer: LabelAnswer) -> Label {
    Label {
        item: item.id.clone(),
        labeller: "ada".to_owned(),
        answer: Some(answer),
        sure: Some(Certainty::Certain),
        comment: String::new(),
        first: None,
        again: false,
        guide: 1,
        aspect: item.aspect_mark(),
        seconds: None,
        at: "2026-01-01T00:00:00Z".to_owned(),
    }
}

fn models_of(fake: &Fake) -> Models {
    let fake = fake.clone();
    let loader: models::Loader = Arc::new(move |_| {
        let fake = fake.clone();
        Box::pin(async move { Ok(Arc::new(fake) as Arc<dyn Provider>) })
    });
    Models::with_loader(Arc::new(Secrets::without_keychain()), loader)
}

fn setup() -> JudgeSetup {
    JudgeSetup {
        protocol: JudgeProtocol::Pairwise,
        reason_first: false,
        votes: 1,
        canaries: 0.0,
        ..JudgeSetup::named("Strict")
    }
}

/// A project with the judge `strict` and the label set `s`, all of it for development unless
/// `gold` says otherwise.
fn project(
    setup: &JudgeSetup,
    task: LabelTask,
    items: &[LabelItem],
    gold: f64,
) -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), Sample::Starter).unwrap();
    let set = LabelSet { gold, seed: 5, ..LabelSet::named("Set", task) };
    let first = Project::open(folder.path()).unwrap();
    first.save_judge("strict", setup).unwrap();
    drop(first);
    labels::create(folder.path(), "s", &set, items).unwrap();
    let project = Project::open(folder.path()).unwrap();
    (folder, project)
}

fn pairs(aspect: Option<&str>) -> Vec<LabelItem> {
    (0..ITEMS).map(|n| item(n, aspect)).collect()
}

/// People prefer the good one; every eighth time they do not.
fn label_all(project: &Project, items: &[LabelItem]) {
    let all: Vec<Label> = items
        .iter()
        .enumerate()
        .map(|(n, item)| {
            let is_a = item.a.starts_with("GOOD") != (n % 8 == 7);
            label(item, if is_a { LabelAnswer::A } else { LabelAnswer::B })
        })
        .collect();
    labels::append_all(&project.root, "s", &all).unwrap();
}

/// Names the answer that says GOOD, by the letter it is shown under.
fn sees_good() -> Fake {
    Fake::new(|call| {
        let text = &call.messages.last().unwrap().content;
        let (good, bad) = (text.find("GOOD").unwrap(), text.find("bad").unwrap());
        Ok(if good < bad { "A" } else { "B" }.to_owned())
    })
}

async fn judge(
    project: &Project,
    journal: &Journal,
    fake: &Fake,
    wishes: &JudgingWishes,
) -> RunSummary {
    let plan = Plan::of_judging(project, wishes, &models_of(fake)).await.unwrap();
    run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap()
}

async fn reported(project: &Project, journal: &Journal, split: Option<Split>) -> Judging {
    judging::report(project, journal, ("strict", "s"), split).await.unwrap()
}

#[tokio::test]
async fn a_judge_is_asked_and_its_verdicts_are_joined_with_labels() {
    let items = pairs(Some("Be good."));
    let (_folder, project) = project(&setup(), LabelTask::Pairwise, &items, 0.0);
    let journal = project.open_journal().unwrap();
    let fake = sees_good();
    let wishes = JudgingWishes { again: 20, ..JudgingWishes::of("Strict", "s") };
    let plan = Plan::of_judging(&project, &wishes, &models_of(&fake)).await.unwrap();
    let dry = dry_count(&plan, &journal, &Cancel::new()).await.unwrap().unwrap();
    // 24 items and 20 of them in 4 further ways, each in both orders.
    assert_eq!((dry.rows, dry.missing, dry.new_most), (104, 208, 208));
    let again = plan.prompts.iter().filter(|prompt| prompt.is_asked_again()).count();
    assert_eq!(again, 80, "known by what every export reads");
    // Each way of asking once more has its price, and only those wished for are asked.
    let way = |prompt: &Prompt| judging::asked_again(prompt).map_or(0, |way| 1 + way as usize);
    let by_way = dry_counts(&plan, &journal, &Cancel::new(), (&way, 5)).await.unwrap().unwrap();
    let calls: Vec<(u64, u64)> = by_way.iter().map(|one| (one.rows, one.new_most)).collect();
    assert_eq!(calls, [(24, 48), (20, 40), (20, 40), (20, 40), (20, 40)]);
    let changes = [Perturbation::Flattery].into();
    let one_way = JudgingWishes { changes, ..wishes.clone() };
    let one_way = Plan::of_judging(&project, &one_way, &models_of(&fake)).await.unwrap();
    assert_eq!(one_way.prompts.len(), 44);
    let none = JudgingWishes { changes: [].into(), ..wishes.clone() };
    let none = Plan::of_judging(&project, &none, &models_of(&fake)).await.unwrap();
    assert_eq!((none.prompts.len(), none.judging.as_ref().unwrap().again), (24, 0));
    let pair = judging::calls_a_pair(&project, "strict", &models_of(&fake)).await.unwrap();
    assert_eq!((pair.least, pair.most), (4, 4), "two principles in both orders, one vote");
    let ended = judge(&project, &journal, &fake, &wishes).await;
    assert_eq!(ended.end, RunEnd::Done);
    assert_eq!((fake.calls(), fake.most_calls_of_one_key()), (208, 1), "asked anew, not replayed");
    let unlabelled = reported(&project, &journal, None).await;
    assert_eq!((unlabelled.report.counts.judged, unlabelled.report.counts.labelled), (24, 0));

    label_all(&project, &items);
    let judging = reported(&project, &journal, None).await;
    let report = &judging.report;
    assert_eq!((report.counts.judged, report.counts.labelled), (24, 24));
    assert!((report.agreement.raw.unwrap().value - 21.0 / 24.0).abs() < 1e-12);
    assert_eq!(report.by_principle[0].name, "P1");
    assert_eq!(report.by_principle[0].agreement.n, 24);
    let names: Vec<&str> = report.disagreements.iter().map(|one| one.item.as_str()).collect();
    assert_eq!(names, ["i07", "i15", "i23"]);
    assert!((report.robustness.consistency.unwrap().value - 1.0).abs() < 1e-12);
    let robust: Vec<&str> =
        report.robustness.perturbations.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(robust, ["flattery", "markdown", "padding"]);
    let position = report.panel.as_ref().unwrap().position.as_ref().unwrap();
    assert!((position.consistency.unwrap().value - 1.0).abs() < 1e-12);
    let about = judging.about.unwrap();
    assert_eq!((about.judge.as_str(), about.items, about.again), ("strict", 24, 20));

    // All of it again is answered by the journal.
    let again = judge(&project, &journal, &fake, &wishes).await;
    assert_eq!((again.end, fake.calls()), (RunEnd::Done, 208));
}

#[tokio::test]
async fn a_judging_is_frozen_and_goes_on_as_it_began() {
    let items = pairs(None);
    let (_folder, project) = project(&setup(), LabelTask::Pairwise, &items, 0.0);
    let journal = project.open_journal().unwrap();
    let broken = Fake::new(|call| match call.prompt.as_str() {
        "i03" => Err(refusal(FailureKind::ServerError, Retry::Never)),
        _ => Ok("A".to_owned()),
    });
    let wishes = JudgingWishes { again: 0, ..JudgingWishes::of("strict", "s") };
    let ended = judge(&project, &journal, &broken, &wishes).await;
    let report = reported(&project, &journal, None).await.report;
    assert_eq!((report.counts.judged, report.counts.failed), (23, 1));
    assert!(report.by_principle.is_empty(), "nothing is labelled");

    let whole = sees_good();
    let models = models_of(&whole);
    let wishes = Overrides::default();
    let thawed = Plan::resume(&journal, &ended.run, &wishes, &models, &[]).await.unwrap();
    let told: &About = thawed.judging.as_ref().unwrap();
    assert_eq!((told.set.as_str(), told.items), ("s", 24));
    let record = journal.run(&ended.run).await.unwrap().unwrap();
    assert_eq!(record.title, "Strict on s");
    run(thawed, journal.clone(), silent(), Cancel::new()).await.unwrap();
    // The item that failed, under both principles drawn, in both orders.
    assert_eq!(whole.calls() % 2, 0);
    assert!((2..=4).contains(&whole.calls()), "{}", whole.calls());
    let report = reported(&project, &journal, None).await.report;
    assert_eq!((report.counts.judged, report.counts.failed), (24, 0));
}

#[tokio::test]
async fn verdicts_of_another_judge_or_on_other_words_do_not_count() {
    let items = pairs(Some("Be good."));
    let (_folder, project) = project(&setup(), LabelTask::Pairwise, &items, 0.0);
    let journal = project.open_journal().unwrap();
    let wishes = JudgingWishes { again: 0, ..JudgingWishes::of("strict", "s") };
    judge(&project, &journal, &sees_good(), &wishes).await;
    assert_eq!(reported(&project, &journal, None).await.report.counts.judged, 24);

    // Another text of the principle is another question.
    let mut changed = items.clone();
    changed[0].aspect.as_mut().unwrap().text = "Be better.".to_owned();
    labels::save_items(&project.root, "s", &changed).unwrap();
    let counts = reported(&project, &journal, None).await.report.counts;
    assert_eq!((counts.judged, counts.not_asked), (23, 1));

    // A judge with other votes is another one; its map and name are none of how it judges.
    let root = project.root.clone();
    let (name, recalibration) = ("Stern".to_owned(), Some(Recalibration::default()));
    let kept = JudgeSetup { name, recalibration, ..setup() };
    project.save_judge("strict", &kept).unwrap();
    drop(project);
    let project = Project::open(&root).unwrap();
    assert_eq!(reported(&project, &journal, None).await.report.counts.judged, 23);
    project.save_judge("strict", &JudgeSetup { votes: 3, ..setup() }).unwrap();
    drop(project);
    let project = Project::open(&root).unwrap();
    let judging = reported(&project, &journal, None).await;
    assert!(judging.about.is_none() && judging.report.counts.judged == 0);
}

#[tokio::test]
async fn gold_is_apart_each_look_is_counted_and_examples_are_left_out() {
    let items = pairs(Some("Be good."));
    let shown = JudgeExample {
        prompt: "Question 1?".to_owned(),
        a: "x".to_owned(),
        b: "y".to_owned(),
        principle: String::new(),
        answer: LabelAnswer::A,
        reason: String::new(),
        from: "s/i02".to_owned(),
    };
    let with_example = JudgeSetup { examples: vec![shown], ..setup() };
    let (_folder, project) = project(&with_example, LabelTask::Pairwise, &items, 0.5);
    let journal = project.open_journal().unwrap();
    let wishes = JudgingWishes { again: 0, ..JudgingWishes::of("strict", "s") };
    judge(&project, &journal, &Fake::new(|_| Ok("A".to_owned())), &wishes).await;
    label_all(&project, &items);
    let all = reported(&project, &journal, None).await;
    // The one that it comes from, and the one whose prompt reads the same.
    assert_eq!(all.report.counts.examples, 2);
    let gold = reported(&project, &journal, Some(Split::Gold)).await;
    let dev = reported(&project, &journal, Some(Split::Dev)).await;
    assert_eq!(gold.items.len() + dev.items.len(), 24);
    assert!(gold.items.iter().all(|item| item.split == Split::Gold) && !gold.items.is_empty());
    assert!(!judging::look(&project.root, "s", "strict", &dev, "now").unwrap());
    assert!(judging::look(&project.root, "s", "strict", &gold, "now").unwrap());
    assert_eq!(reported(&project, &journal, None).await.looks, 1);
    assert!(
        gold.recalibration(Kind::Temperature, "2026-11-22").is_err(),
        "nothing is fitted to gold"
    );
}

#[tokio::test]
async fn single_answers_are_judged_by_pass_or_fail_and_on_a_scale() {
    for (task, says, answer) in [
        (LabelTask::PassFail, "Yes", LabelAnswer::Pass),
        (LabelTask::Scores, "4", LabelAnswer::Level(4)),
    ] {
        let items: Vec<LabelItem> =
            pairs(Some("Be good.")).into_iter().map(|item| LabelItem { b: None, ..item }).collect();
        let (_folder, project) = project(&setup(), task, &items, 0.0);
        let journal = project.open_journal().unwrap();
        let other = if task == LabelTask::PassFail { "No" } else { "2" };
        let fake = Fake::new(move |call| {
            assert!(matches!(call.purpose, Purpose::Criterion { .. }), "{:?}", call.purpose);
            let is_good = call.messages.iter().any(|message| message.content.contains("GOOD"));
            Ok(if is_good { says } else { other }.to_owned())
        });
        let wishes = JudgingWishes { again: 0, ..JudgingWishes::of("strict", "s") };
        judge(&project, &journal, &fake, &wishes).await;
        let lower =
            if task == LabelTask::PassFail { LabelAnswer::Fail } else { LabelAnswer::Level(2) };
        let said: Vec<Label> = items
            .iter()
            .map(|item| label(item, if item.a.starts_with("GOOD") { answer } else { lower }))
            .collect();
        labels::append_all(&project.root, "s", &said).unwrap();
        let report = reported(&project, &journal, None).await.report;
        assert_eq!((report.task, report.counts.judged, report.counts.unread), (task, 24, 0));
        let kappa = report.agreement.kappa.unwrap();
        assert!(
            (kappa.value - 1.0).abs() < 1e-9,
            "{task}: {kappa:?} {:?}",
            report.disagreements.first()
        );
        assert!(report.disagreements.is_empty());
        assert_eq!(fake.calls(), 24);
    }
}

#[tokio::test]
async fn a_panel_is_reported_with_its_models() {
    let items = pairs(Some("Be good."));
    let (_folder, project) = project(&setup(), LabelTask::Pairwise, &items, 0.0);
    let journal = project.open_journal().unwrap();
    let wishes = JudgingWishes { again: 0, ..JudgingWishes::of("strict", "s") };
    let good = sees_good().with_identity("fake:good");
    let first = Fake::new(|_| Ok("A".to_owned())).with_identity("fake:first");
    let mut plan = Plan::of_judging(&project, &wishes, &models_of(&good)).await.unwrap();
    let two = vec![good.model(), first.model()];
    let panel = Panel::new(Arc::new(setup()), two, Shown::Pairs, &plan.templates);
    plan.judging = Some(Arc::new(About {
        identities: vec!["fake:good".to_owned(), "fake:first".to_owned()],
        ..About::clone(plan.judging.as_ref().unwrap())
    }));
    plan.panel = Some(Arc::new(panel));
    run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!((good.calls(), first.calls()), (48, 48));
    label_all(&project, &items);
    let judging = reported(&project, &journal, None).await;
    let judged = judging.items[0].judge.as_ref().unwrap();
    let models: Vec<&str> = judged.models.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(models, ["fake-good", "fake-first"]);
    // Who always says the first takes no side, so the mean has that of the other.
    assert_eq!(judging.report.counts.judge_even, 0);
    let together = judging.report.independence.clone().unwrap();
    assert_eq!(together.models, ["fake-first", "fake-good"]);
    assert!(together.independence.is_ok(), "{together:?}");

    let two = JudgeSetup { models: vec!["good".to_owned(), "first".to_owned()], ..setup() };
    let by = |setup: &JudgeSetup| judging::weighed(setup, &judging, Weighing::Kappa);
    let (kept, found) = by(&two).unwrap();
    // People say otherwise of every eighth.
    assert_eq!((found.quality, found.labels), (vec![0.75, 0.0], 24));
    // Drawn towards equal weights, as of 50 labels more.
    assert_eq!((kept.rule, kept.weights), (PanelRule::Weighted, vec![0.662, 0.338]));
    assert_eq!(by(&setup()), Err(NotWeighed::OneModel));
    let alone = JudgeSetup { first_alone: Some(0.1), ..two };
    assert_eq!(by(&alone), Err(NotWeighed::FirstAlone));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let items = pairs(None);
    let (_folder, project) = project(&setup(), LabelTask::Pairwise, &items, 1.0);
    let models = models_of(&sees_good());
    for (wishes, named) in [
        (JudgingWishes::of("nobody", "s"), "there is no judge called “nobody”"),
        (JudgingWishes::of("strict", "none"), "there is no label set called “none”"),
        (
            JudgingWishes { split: Some(Split::Dev), ..JudgingWishes::of("strict", "s") },
            "it has no item to judge",
        ),
        (
            JudgingWishes {
                constitution: Some("nope".to_owned()),
                ..JudgingWishes::of("strict", "s")
            },
            "there is no constitution called “nope”",
        ),
    ] {
        let error = Plan::of_judging(&project, &wishes, &models).await.err().unwrap();
        assert!(error.to_string().contains(named), "{error}");
        assert!(!error.hint().is_empty());
    }
}
