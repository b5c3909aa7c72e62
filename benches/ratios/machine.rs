//! What a measured table must say of where it was measured.

use std::process::Command;

/// Date, processor, compiler and crate, in one line; what cannot be found out is called unknown.
pub(crate) fn line() -> String {
    // Under cargo, `RUSTUP_TOOLCHAIN` and the folder are those of the build.
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    format!(
        "{}; {}, {} CPUs; {}; zeropoint {}",
        first_line("date", &["-u", "+%Y-%m-%d"]),
        processor(),
        std::thread::available_parallelism().map_or(1, usize::from),
        first_line(&rustc, &["--version"]),
        zeropoint::version(),
    )
}

fn first_line(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output().ok();
    let output = output.filter(|output| output.status.success());
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
    let line = text.as_deref().and_then(|text| text.lines().next());
    line.map_or_else(|| format!("{command} unknown"), Into::into)
}

/// As Linux has it: name, family and model, since a virtual machine's name may say little.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |wanted: &str| {
        let mut fields = info.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim())
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => {
            format!("{name} (family {family}, model {model})")
        }
        (Some(name), ..) => name.into(),
        _ => format!("{} processor unknown", std::env::consts::ARCH),
    }
}
