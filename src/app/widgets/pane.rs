//! Panes of the window and what takes the focus in each, noted while they are drawn.

use egui::{Context, Id, Order, Rect, Ui};

/// A part of the window, in the order of F6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    /// The areas.
    Rail,
    /// A screen's list.
    List,
    /// A screen's main part.
    Main,
    /// A screen's side.
    Side,
}

/// What was drawn in this frame.
#[derive(Debug, Clone, Default)]
struct Drawn {
    panes: Vec<(Pane, Rect)>,
    preferred: Vec<Id>,
}

fn id() -> Id {
    Id::unique("panes drawn in this frame")
}

/// Forgets the frame before. Call it before anything is drawn.
pub fn begin(ctx: &Context) {
    ctx.data_mut(|data| data.insert_temp(id(), Drawn::default()));
}

/// Notes that the pane is what is available in `ui`. Call it at the beginning of a panel.
pub fn mark(ui: &Ui, pane: Pane) {
    let rect = ui.max_rect();
    ui.data_mut(|data| data.get_temp_mut_or_default::<Drawn>(id()).panes.push((pane, rect)));
}

/// Notes that this control takes the focus before others of its pane: a list, the chosen tab.
pub fn prefer(ui: &Ui, control: Id) {
    ui.data_mut(|data| data.get_temp_mut_or_default::<Drawn>(id()).preferred.push(control));
}

/// The panes drawn in this frame with the control of each that takes the focus; `area` is the
/// main part of a screen that marks none. Panes with nothing to focus are left out.
pub fn drawn(ctx: &Context, area: Rect) -> Vec<(Rect, Id)> {
    let Drawn { mut panes, preferred } = ctx.data(|data| data.get_temp(id())).unwrap_or_default();
    if !panes.iter().any(|(pane, _)| *pane == Pane::Main) {
        panes.push((Pane::Main, area));
    }
    panes.sort_by_key(|(pane, _)| *pane);
    panes.dedup_by_key(|(pane, _)| *pane);
    panes
        .iter()
        .filter_map(|(pane, rect)| {
            // The main part may be all that lies between the others.
            let others = panes.iter().filter(|(other, _)| *pane == Pane::Main && other != pane);
            let others: Vec<Rect> = others.map(|(_, rect)| *rect).collect();
            Some((*rect, first_in(ctx, *rect, &others, &preferred)?))
        })
        .collect()
}

fn first_in(ctx: &Context, pane: Rect, others: &[Rect], preferred: &[Id]) -> Option<Id> {
    ctx.viewport(|viewport| {
        let widgets = &viewport.this_pass.widgets;
        let layers = widgets.layer_ids().filter(|layer| layer.order == Order::Background);
        layers
            .flat_map(|layer| widgets.get_layer(layer))
            .filter(|widget| widget.enabled && widget.sense.is_focusable())
            .filter(|widget| pane.contains(widget.rect.center()))
            .filter(|widget| !others.iter().any(|other| other.contains(widget.rect.center())))
            .map(|widget| widget.id)
            .min_by_key(|id| !preferred.contains(id))
    })
}
