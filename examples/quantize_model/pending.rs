//! Files that are written whole or not at all.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::args::Failure;
use crate::interrupt::Interrupt;

/// An unfinished file is called `OUT.NUMBER.zeropoint.part`.
const PART: &str = ".zeropoint.part";

/// A file under another name, until it is complete.
///
/// Made before the work begins: a place that cannot be written to is known at once.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    part: PathBuf,
    file: Stoppable,
    /// True if the file has been renamed from `part` to `path`.
    finished: bool,
}

impl Pending {
    /// Begins the file at `path`, which may not be one of the `inputs`.
    pub(crate) fn create(
        path: &Path,
        inputs: &[&Path],
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        let refuse = |what: &str| Err(cannot_write(path, &what));
        let old = fs::metadata(path).ok();
        if let Some(old) = &old {
            if old.is_dir() {
                return refuse("is a directory");
            }
            if !old.is_file() {
                return refuse("exists and is not a regular file");
            }
        }
        let real = real(path).map_err(|e| cannot_write(path, &e))?;
        let inputs: Vec<PathBuf> = inputs.iter().filter_map(|i| i.canonicalize().ok()).collect();
        if inputs.contains(&real) {
            return refuse("is the model that is read");
        }
        let Some(name) = real.file_name() else {
            return refuse("names no file");
        };
        let (part, file) = create_part(&real, name).map_err(|e| cannot_write(path, &e))?;
        let file = Stoppable { file, interrupt: interrupt.clone() };
        let pending = Self { part, file, finished: false, path: real };
        pending.prepare(old.as_ref(), &inputs).map_err(|e| cannot_write(path, &e))?;
        Ok(pending)
    }

    /// Locks the unfinished file, removes those that killed runs have left, and keeps the permissions of
    /// the file that is replaced.
    fn prepare(&self, old: Option<&fs::Metadata>, inputs: &[PathBuf]) -> io::Result<()> {
        let file = &self.file.file;
        // Not every file system has locks. On one without them nothing is removed.
        let taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        // Another run that has just begun may have taken this one, still unlocked, for one left behind.
        if taken || !self.part.exists() {
            return Err(written_by_another(&self.part));
        }
        self.clear(inputs)?;
        // Elsewhere a file that may only be read could not be renamed.
        if let Some(old) = old
            && cfg!(unix)
            && file.metadata()?.permissions() != old.permissions()
        {
            file.set_permissions(old.permissions())?;
        }
        Ok(())
    }

    /// Removes the unfinished files of the same output that nobody has locked.
    fn clear(&self, inputs: &[PathBuf]) -> io::Result<()> {
        let (Some(folder), Some(name)) = (self.part.parent(), self.path.file_name()) else {
            return Ok(());
        };
        // A folder that may be written to but not read is left as it is.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let regular = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !regular || path == self.part || inputs.contains(&path) {
                continue;
            }
            if !is_part_of(&entry.file_name(), name) {
                continue;
            }
            let Ok(file) = File::open(&path) else { continue };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(written_by_another(&path)),
                Err(TryLockError::Error(_)) => {}
                // The lock is held until the file is removed.
                // A file that may not be removed is in nobody's way.
                Ok(()) => drop(fs::remove_file(&path)),
            }
        }
        Ok(())
    }

    /// Has `write` fill the file.
    pub(crate) fn fill(
        &mut self,
        write: impl FnOnce(&mut BufWriter<&mut Stoppable>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut buffered = BufWriter::new(&mut self.file);
        let written = write(&mut buffered).and_then(|()| buffered.flush());
        drop(buffered);
        written.map_err(|e| cannot_write(&self.path, &e))
    }

    /// Gives the filled file its name, once the disk has its contents.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let renamed = self.file.file.sync_all().and_then(|()| fs::rename(&self.part, &self.path));
        self.finished = renamed.is_ok();
        renamed.map_err(|e| cannot_write(&self.path, &e))
    }
}

impl Drop for Pending {
    /// Removes the file of an output that was not finished.
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Returns the path that is written to if `path` is: a file that a link leads to is replaced, not the
/// link, even if that file is missing.
pub(crate) fn real(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // Linux follows 40 links, too.
    for _ in 0..40 {
        if let Ok(real) = path.canonicalize() {
            return Ok(real);
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        match (fs::read_link(&path), path.file_name()) {
            (Ok(target), _) => path = folder.join(target),
            (Err(_), Some(name)) => return Ok(folder.canonicalize()?.join(name)),
            (Err(_), None) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Creates a file beside `path`, whose last part is `name`. Its own name is one that no file has, so it
/// takes nobody's place.
fn create_part(path: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    let mut number = std::process::id();
    loop {
        let mut part = name.to_owned();
        part.push(format!(".{number}{PART}"));
        let part = path.with_file_name(part);
        match File::create_new(&part) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => number = number.wrapping_add(1),
            created => return Ok((part, created?)),
        }
    }
}

/// Returns whether `file` is the name of an unfinished file of the output `name`.
fn is_part_of(file: &OsStr, name: &OsStr) -> bool {
    let (file, name) = (file.as_encoded_bytes(), name.as_encoded_bytes());
    let number = file
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(b"."))
        .and_then(|rest| rest.strip_suffix(PART.as_bytes()));
    number.is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
}

fn written_by_another(part: &Path) -> io::Error {
    io::Error::other(format!("{} is being written by another program", part.display()))
}

pub(crate) fn cannot_write(path: &Path, why: &dyn Display) -> Failure {
    Failure::Run(format!("cannot write {}: {why}", path.display()))
}

/// This file takes nothing more once the program is interrupted.
#[derive(Debug)]
pub(crate) struct Stoppable {
    file: File,
    interrupt: Interrupt,
}

/// The interrupt is looked at every so many bytes, a fraction of a second apart.
const AT_ONCE: usize = 16 << 20;

impl Write for Stoppable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.interrupt.check()?;
        self.file.write(&bytes[..bytes.len().min(AT_ONCE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
