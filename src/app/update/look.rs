//! Theme, zoom, reading size, motion and keys.

use crate::app::command::LookCommand;
use crate::app::effects::Effect;
use crate::app::state::AppState;

pub(super) fn carry_out(state: &mut AppState, command: LookCommand) -> Vec<Effect> {
    let settings = &mut state.settings;
    match command {
        LookCommand::Theme(theme) => settings.theme = theme,
        LookCommand::Zoom(steps) => {
            let zoom = (settings.zoom * 10.0).round() + steps as f32;
            settings.zoom = (zoom / 10.0).clamp(0.5, 3.0);
        }
        LookCommand::ZoomReset => settings.zoom = 1.0,
        LookCommand::Reading(steps) => {
            settings.reading_size = (settings.reading_size + steps as f32).clamp(13.0, 20.0);
        }
        LookCommand::ReducedMotion(on) => settings.reduced_motion = on,
        LookCommand::SingleKeys(on) => settings.single_keys = on,
    }
    vec![Effect::SaveSettings(Box::new(settings.clone()))]
}
