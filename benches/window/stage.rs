//! The whole window without a display, one frame at a time; nothing is painted.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use egui::{Context, RawInput, Rect, pos2, vec2};
use preamble::app::Effect;
use preamble::app::message::Event;
use preamble::app::state::Moment;
use preamble::app::window::{Carry, Window};

/// Effects are begun by nobody: what would come of them is sent by hand.
struct Nobody;

impl Carry for Nobody {
    fn carry(&mut self, _effect: Effect) {}
}

/// A window without a display, one frame at a time.
pub(crate) struct Stage {
    /// egui's side.
    pub(crate) ctx: Context,
    /// Ours.
    pub(crate) window: Window,
    events: SyncSender<Event>,
    frames: usize,
}

impl Stage {
    /// An empty window, with or without a screen reader.
    pub(crate) fn new(accessible: bool) -> Self {
        let (events, taken) = sync_channel(64);
        let ctx = Context::default();
        if accessible {
            ctx.enable_accesskit();
        }
        let mut window = Window::new(Box::new(Nobody), taken, || Moment(1_000_000));
        window.apply_settings(&ctx);
        Self { ctx, window, events, frames: 0 }
    }

    /// Has the window take an event in at its next frame.
    pub(crate) fn send(&self, event: Event) {
        // The queue is emptied in every frame, so it is never full.
        self.events.try_send(event).ok();
    }

    /// Draws a frame and says how long it took.
    pub(crate) fn frame(&mut self) -> Duration {
        self.frame_with(Vec::new())
    }

    /// Draws a frame with input.
    pub(crate) fn frame_with(&mut self, input: Vec<egui::Event>) -> Duration {
        self.frames += 1;
        let input = RawInput {
            events: input,
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0))),
            time: Some(self.frames as f64 / 60.0),
            focused: true,
            ..RawInput::default()
        };
        let begun = Instant::now();
        let window = &mut self.window;
        let mut output = self.ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            window.take_events(&ctx);
            window.draw(ui);
        });
        let took = begun.elapsed();
        // Nobody paints, so no texture is uploaded.
        output.textures_delta.clear();
        took
    }
}
