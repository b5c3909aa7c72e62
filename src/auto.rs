//! The best backend of this CPU, or the backend that the environment names.

use core::fmt;

use crate::backend::Schedule;
use crate::engine::Isa;
use crate::error::Error;

/// The backend chosen for this CPU.
///
/// It is the fastest backend that the CPU has, unless the environment variable `ZEROPOINT_BACKEND` names another:
/// `scalar`, `portable`, `avx2`, `avx512` or `neon`. Detection happens once. Without the feature `std`, the CPU
/// features that the crate is compiled for decide, and no variable overrides them.
///
/// ```
/// use zeropoint::{Auto, Backend};
/// let backend = Auto::detect()?;
/// println!("using {}", backend.name());
/// let all: Vec<_> = Auto::available().map(|b| b.name()).collect();
/// assert_eq!(all[..2], ["scalar", "portable"]);
/// assert!(all.contains(&backend.name()));
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Auto(Isa);

impl fmt::Debug for Auto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Auto({})", self.0.name())
    }
}

impl Schedule for Auto {
    fn isa(&self) -> Isa {
        self.0
    }
}

impl Auto {
    /// Returns the backend that `ZEROPOINT_BACKEND` names, or the fastest one that this CPU has.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBackend`] or [`Error::UnavailableBackend`]: a named backend is never replaced silently.
    #[inline]
    pub fn detect() -> Result<Self, Error> {
        #[cfg(feature = "std")]
        {
            static CHOICE: std::sync::OnceLock<Result<Auto, Error>> = std::sync::OnceLock::new();
            match CHOICE.get_or_init(Self::from_environment) {
                Ok(auto) => Ok(*auto),
                Err(error) => Err(*error),
            }
        }
        #[cfg(not(feature = "std"))]
        Ok(Self::best())
    }

    /// Returns the fastest backend that this CPU has, regardless of `ZEROPOINT_BACKEND`.
    #[must_use]
    pub fn best() -> Self {
        let find = || Self::available().last().unwrap_or(Self(Isa::Scalar));
        #[cfg(feature = "std")]
        {
            static BEST: std::sync::OnceLock<Auto> = std::sync::OnceLock::new();
            *BEST.get_or_init(find)
        }
        #[cfg(not(feature = "std"))]
        find()
    }

    /// Returns every backend that this CPU has, the slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Isa::available().map(Self)
    }

    #[cfg(feature = "std")]
    fn from_environment() -> Result<Self, Error> {
        let Some(name) = std::env::var_os("ZEROPOINT_BACKEND") else {
            return Ok(Self::best());
        };
        let name = name.to_string_lossy();
        if let Some(found) = Self::available().find(|auto| auto.isa().name() == name) {
            return Ok(found);
        }
        // The name is leaked once in a process; the error keeps it.
        let name: &'static str = std::string::String::leak(name.into_owned());
        if Isa::NAMES.contains(&name) {
            Err(Error::UnavailableBackend { name })
        } else {
            Err(Error::UnknownBackend { name })
        }
    }
}
