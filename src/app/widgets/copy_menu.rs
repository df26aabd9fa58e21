//! A menu of ways to copy what a view shows; Ctrl+Shift+C opens the first one on screen.

use egui::{Context, Id, Popup, Ui};

use super::Button;

/// A form that something can be copied in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::Display)]
pub enum CopyAs {
    /// For people: headings, lists, tables.
    Markdown,
    /// For programs.
    #[strum(to_string = "JSON")]
    Json,
    /// For spreadsheets.
    #[strum(to_string = "CSV")]
    Csv,
}

/// The newest request to open such a menu, and the newest that was followed.
#[derive(Debug, Clone, Copy, Default)]
struct Requests {
    asked: u64,
    followed: u64,
}

fn id() -> Id {
    Id::unique("requests to copy")
}

/// Says which request is the newest, before views are drawn.
pub fn begin(ctx: &Context, asked: u64) {
    ctx.data_mut(|data| data.get_temp_mut_or_default::<Requests>(id()).asked = asked);
}

/// Takes the request that no menu has followed yet, if there is one.
pub fn take_request(ctx: &Context) -> bool {
    ctx.data_mut(|data| {
        let requests = data.get_temp_mut_or_default::<Requests>(id());
        let open = requests.asked > requests.followed;
        requests.followed = requests.asked;
        open
    })
}

/// A button that opens a menu of forms; gives the one chosen. `what` is what is copied, as in
/// `Copy the runs as`.
pub fn copy_menu(ui: &mut Ui, what: &str, forms: &[CopyAs]) -> Option<CopyAs> {
    let name = format!("Copy {what} as");
    let button =
        Button::secondary("Copy as…").name(&name).shortcut("Ctrl+Shift+C").compact().show(ui);
    if take_request(ui.ctx()) {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&button));
        button.request_focus();
    }
    let mut chosen = None;
    Popup::menu(&button).show(|ui| {
        for form in forms {
            let words = form.to_string();
            if ui.button(&words).clicked() {
                chosen = Some(*form);
                ui.close();
            }
        }
    });
    chosen
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[derive(Default)]
    struct Seen {
        asked: u64,
        chosen: Option<CopyAs>,
    }

    #[test]
    fn a_request_opens_it_once_and_a_form_is_chosen_by_name() {
        let mut harness = Harness::builder().with_size([300.0, 200.0]).build_ui_state(
            |ui, seen: &mut Seen| {
                begin(ui.ctx(), seen.asked);
                let all = [CopyAs::Markdown, CopyAs::Json, CopyAs::Csv];
                seen.chosen = copy_menu(ui, "the rows", &all).or(seen.chosen);
            },
            Seen::default(),
        );
        harness.run();
        assert!(harness.query_by_label("JSON").is_none());
        harness.state_mut().asked = 7;
        harness.run();
        harness.get_by_label("JSON").click();
        harness.run();
        assert_eq!(harness.state().chosen, Some(CopyAs::Json));
        assert!(harness.query_by_label("JSON").is_none(), "closed, and not opened again");
    }
}
