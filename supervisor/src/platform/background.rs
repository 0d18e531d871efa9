//! Work that would keep the worker's one thread for too long, done on a thread of its own.

use tokio::sync::oneshot;

/// Does it on a fresh thread and waits for what comes of it; where no thread can be had, does it
/// here and now.
pub async fn on_a_thread<T: Send + 'static>(work: fn() -> T) -> T {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("look".into());
    let started = thread.spawn(move || {
        // The asker may have left.
        let _ = done.send(work());
    });
    match (started, result) {
        (Ok(_), result) => result.await.unwrap_or_else(|_| work()),
        (Err(_), _) => work(),
    }
}
