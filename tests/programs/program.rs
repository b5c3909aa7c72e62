//! What the tests of an example share: where it is, and files of their own.

use std::fs;
use std::path::PathBuf;

/// A plain `cargo test` builds the examples as programs, beside the directory of the tests. It does
/// not where targets are named (`--test NAME`): the program is then missing, or an old one.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("a test lies in target/PROFILE/deps");
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is missing: a plain `cargo test` builds it; for this test alone run \
         `cargo build --example {name}` first, in the same profile",
        program.display()
    );
    program
}

/// A directory of this test's own, removed when the test is over.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("zeropoint-{}-{test}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a temporary directory can be made");
        Self(directory)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("temporary names are UTF-8").into()
    }

    /// Writes a file, and makes the directories that it is in.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        let parent = path.parent().expect("a file is in a directory");
        fs::create_dir_all(parent).expect("a temporary directory can be made");
        fs::write(path, bytes).expect("a temporary file can be written");
        self.path(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
