//! The progress bar, on a terminal only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::model::Tensor;

#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(tensors: &[Tensor]) -> Self {
        if !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let total: usize = tensors.iter().map(Tensor::byte_len).sum();
        let bar = ProgressBar::new(total as u64);
        let template = "quantizing {bar:32} {bytes} of {total_bytes}  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self(bar)
    }

    pub(crate) fn begin(&self, tensor: &Tensor) {
        self.0.set_message(tensor.label(40));
    }

    pub(crate) fn end(&self, tensor: &Tensor) {
        self.0.inc(tensor.byte_len() as u64);
    }
}

impl Drop for Progress {
    /// Leaves the terminal as it was.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
