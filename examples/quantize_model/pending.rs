//! Files that are written whole or not at all.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::args::Failure;
use crate::interrupt::Interrupt;

/// A file under another name, until it is complete.
///
/// Made before the work begins: a place that cannot be written to is known at once.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    part: PathBuf,
    file: Stoppable,
}

impl Pending {
    /// Begins the file at `path`, which may not be one of the `inputs`.
    pub(crate) fn create(
        path: &Path,
        inputs: &[&Path],
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        let refuse = |what: &str| Err(cannot_write(path, &what));
        if let Ok(old) = fs::metadata(path) {
            if old.is_dir() {
                return refuse("is a directory");
            }
            if !old.is_file() {
                return refuse("exists and is not a regular file");
            }
        }
        // Through a link the file that it leads to is replaced, not the link.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == real)) {
            return refuse("is the model that is read");
        }
        let Some(name) = real.file_name() else {
            return refuse("names no file");
        };
        let mut part_name = name.to_owned();
        part_name.push(".zeropoint.part");
        let part = real.with_file_name(part_name);
        let file = create_part(&part).map_err(|e| cannot_write(path, &e))?;
        Ok(Self { path: real, part, file: Stoppable { file, interrupt: interrupt.clone() } })
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

    /// Gives the filled file its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        fs::rename(&self.part, &self.path).map_err(|e| cannot_write(&self.path, &e))
    }
}

impl Drop for Pending {
    /// Removes the file of an output that was not finished. A finished one has been renamed.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

/// Creates the file at `part`, and locks it as long as this program writes it. A file that is there
/// without a lock was left by a program that was killed, and is removed.
fn create_part(part: &Path) -> io::Result<File> {
    let created = match File::create_new(part) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if File::open(part)?.try_lock().is_err() {
                let part = part.display();
                return Err(io::Error::other(format!(
                    "{part} is being written by another program"
                )));
            }
            fs::remove_file(part)?;
            File::create_new(part)
        }
        created => created,
    }?;
    // Not every file system has locks.
    let _ = created.try_lock();
    Ok(created)
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
