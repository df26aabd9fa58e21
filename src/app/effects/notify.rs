//! A word to somebody who looks at another window: the desktop's own notification.

use super::desk::Desk;
use super::runs::RunsEvent;
use crate::app::message::Event;

/// Shows it; where the desktop has no notifications, the window asks for attention instead.
pub async fn show(desk: &Desk, title: &str, body: &str) {
    if let Err(reason) = send(title, body).await {
        tracing::info!("no desktop notification: {reason}");
        desk.link.send(Event::Runs(RunsEvent::Untold));
    }
}

/// Asks the desktop's notification service, by the freedesktop.org specification (version 1.2).
#[cfg(all(unix, not(target_os = "macos")))]
async fn send(title: &str, body: &str) -> Result<(), String> {
    use std::collections::HashMap;
    use std::time::Duration;

    /// A desktop that takes longer has other worries.
    const PATIENCE: Duration = Duration::from_secs(3);
    const SERVICE: &str = "org.freedesktop.Notifications";
    /// Shown for as long as the desktop likes.
    const USUAL_TIME: i32 = -1;
    let hints: HashMap<&str, zbus::zvariant::Value<'_>> = HashMap::from([
        ("desktop-entry", zbus::zvariant::Value::from("preamble")),
        ("category", zbus::zvariant::Value::from("transfer.complete")),
    ]);
    let actions: [&str; 0] = [];
    let body = escaped(body);
    let words = ("Preamble", 0_u32, "preamble", title, &*body, &actions[..], hints, USUAL_TIME);
    let sent = async {
        let bus = zbus::Connection::session().await?;
        let path = "/org/freedesktop/Notifications";
        bus.call_method(Some(SERVICE), path, Some(SERVICE), "Notify", &words).await
    };
    match tokio::time::timeout(PATIENCE, sent).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the desktop did not answer".to_owned()),
    }
}

/// Nothing of the system's own is spoken to here.
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[expect(clippy::unused_async, reason = "elsewhere it waits for the desktop")]
async fn send(_title: &str, _body: &str) -> Result<(), String> {
    Err("this system's notifications are not spoken to".to_owned())
}

/// A notification's body may be read as markup.
#[cfg(all(unix, not(target_os = "macos")))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_read_as_markup() {
        assert_eq!(escaped("a <b> & c"), "a &lt;b&gt; &amp; c");
    }
}
