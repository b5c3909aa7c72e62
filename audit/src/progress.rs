//! The progress bar: on a terminal, and only after two seconds.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

#[derive(Debug)]
pub(crate) struct Bar {
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), bar: None }
    }

    /// Shows how far the audit is, from 0 to 1.
    pub(crate) fn show(&mut self, fraction: f64) {
        if self.bar.is_none() && self.began.elapsed() > Duration::from_secs(2) {
            self.bar = Some(new_bar());
        }
        if let Some(bar) = &self.bar {
            bar.set_position((fraction * 1000.0) as u64);
        }
    }
}

fn new_bar() -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("auditing {bar:32} {percent} %  {elapsed}") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

impl Drop for Bar {
    /// Leaves the terminal as it was.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
