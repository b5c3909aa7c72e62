//! Describes the machine on which a table was measured.

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

/// Returns Linux's name, family and model of the CPU. In a virtual machine the name alone may say
/// little.
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

/// The caches of the first CPU, as Linux has them.
pub(crate) fn caches() -> String {
    let read = |index: usize, name: &str| {
        let file = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{name}");
        Some(std::fs::read_to_string(file).ok()?.trim().to_owned())
    };
    let cache = |i| Some((read(i, "type")?, read(i, "level")?, read(i, "size")?));
    let caches = (0..).map_while(cache).filter(|(kind, ..)| kind != "Instruction");
    let caches: Vec<_> = caches.map(|(_, level, size)| format!("L{level} {size}")).collect();
    if caches.is_empty() { "unknown".into() } else { caches.join(", ") }
}

/// The features of the CPU that matter to kernels.
pub(crate) fn features() -> String {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! found {
            ($($feature:tt),+) => {
                [$(($feature, is_x86_feature_detected!($feature))),+]
            };
        }
        let all = found![
            "avx2",
            "fma",
            "f16c",
            "avxvnni",
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512dq",
            "avx512vbmi",
            "avx512vnni",
            "avx512bf16"
        ];
        let found: Vec<_> = all.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
        if found.is_empty() { "none beyond the baseline".into() } else { found.join(", ") }
    }
    #[cfg(not(target_arch = "x86_64"))]
    "those of the backends".into()
}
