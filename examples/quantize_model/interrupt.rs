//! Ends the program by Ctrl-C, and by other signals that ask it to end, without unfinished files.

use std::io;
#[cfg(any(unix, windows))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Holds the signal that has asked the program to end, if any. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    #[cfg(any(unix, windows))]
    signal: std::sync::Arc<AtomicUsize>,
    /// Says whether the next signal ends the program at once.
    #[cfg(any(unix, windows))]
    at_once: std::sync::Arc<AtomicBool>,
}

/// Linux says in a file which signals are ignored. Elsewhere a hangup is not handled: it would end a
/// program under nohup.
#[cfg(any(unix, windows))]
const READS_IGNORED: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Returns the signals that whoever started the program has it ignore: bit `n - 1` is signal `n`.
#[cfg(any(unix, windows))]
fn ignored() -> u64 {
    if !READS_IGNORED {
        return 0;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Without the file, a hangup that may be ignored is.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(1)
}

#[cfg(any(unix, windows))]
impl Interrupt {
    /// Has the first signal from now on only noted; the second one ends the program at once.
    pub(crate) fn begin(&self) -> io::Result<()> {
        use signal_hook::{consts::TERM_SIGNALS, flag};
        #[cfg(unix)]
        let hangup = READS_IGNORED.then_some(&signal_hook::consts::SIGHUP);
        #[cfg(not(unix))]
        let hangup = None;
        let ignored = ignored();
        for &signal in TERM_SIGNALS.iter().chain(hangup) {
            // A background job, or a run under nohup, ignores it: that stays so.
            if ignored >> (signal - 1) & 1 == 1 {
                continue;
            }
            flag::register_conditional_default(signal, self.at_once.clone())?;
            flag::register(signal, self.at_once.clone())?;
            flag::register_usize(signal, self.signal.clone(), signal as usize)?;
        }
        Ok(())
    }

    /// Has a signal from now on end the program at once.
    pub(crate) fn end(&self) {
        self.at_once.store(true, Ordering::Relaxed);
    }

    /// Returns an error if a signal was noted.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.signal.load(Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(io::Error::other("interrupted")),
        }
    }

    /// Ends the program by the signal that was noted, if any.
    pub(crate) fn die(&self) {
        let signal = self.signal.load(Ordering::Relaxed);
        if signal != 0 {
            let _ = signal_hook::low_level::emulate_default_handler(signal as i32);
        }
    }
}

#[cfg(not(any(unix, windows)))]
impl Interrupt {
    pub(crate) fn begin(&self) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn end(&self) {}

    pub(crate) fn check(&self) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn die(&self) {}
}
