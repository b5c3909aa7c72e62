//! `include/zeropoint.h` is its template with the declarations of the list.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use zeropoint::capi::{Export, exports, statuses, types};

const WIDTH: usize = 100;

/// A type of the list as C has it.
fn in_c(of: &str) -> String {
    if let Some(of) = of.strip_prefix("*const ") {
        return format!("const {}*", in_c(of));
    }
    if let Some(of) = of.strip_prefix("*mut ") {
        return format!("{}*", in_c(of));
    }
    let named = match of {
        "()" | "c_void" => "void",
        "c_char" => "char",
        "c_int" => "int",
        "f32" => "float",
        "f64" => "double",
        "i32" => "int32_t",
        "i64" => "int64_t",
        "u32" => "uint32_t",
        "u64" => "uint64_t",
        "usize" => "size_t",
        "Callback" => "zp_callback",
        "CClip" => "zp_clip",
        "CFixedParams" => "zp_fixed_params",
        "CFixedSliceParams" => "zp_fixed_slice_params",
        "CGranularity" => "zp_granularity",
        "CObserverKind" => "zp_observer_kind",
        "CParams" => "zp_params",
        "CScheme" => "zp_scheme",
        "CSliceParams" => "zp_slice_params",
        "Observer" => "zp_observer",
        "Pool" => "zp_pool",
        "Stats" => "zp_error_stats",
        "Status" => "zp_status",
        "Type" => "zp_type",
        _ => panic!("C has no name for {of}"),
    };
    format!("{named} ")
}

/// `const float *src`
fn declared(name: &str, of: &str) -> String {
    format!("{}{name}", in_c(of))
}

fn declaration(export: &Export) -> String {
    let mut text = declared(export.name, export.returns) + "(";
    let mut width = text.len();
    let arguments: Vec<String> =
        export.arguments.iter().map(|(name, of)| declared(name, of)).collect();
    if arguments.is_empty() {
        text += "void";
    }
    for (i, argument) in arguments.iter().enumerate() {
        let last = i + 1 == arguments.len();
        if width + argument.len() + 2 > WIDTH {
            text += "\n    ";
            width = 4;
        } else if i > 0 {
            text += " ";
            width += 1;
        }
        text += argument;
        text += if last { "" } else { "," };
        width += argument.len() + 1;
    }
    text += ");\n";
    text
}

fn version_macros() -> String {
    let parts = ["MAJOR", "MINOR", "PATCH"];
    let mut text = String::new();
    for (part, number) in parts.iter().zip(env!("CARGO_PKG_VERSION").split('.')) {
        writeln!(text, "#define ZP_VERSION_{part} {number}").unwrap();
    }
    text
}

/// The lines of an enumeration.
fn constants(all: &[(&str, i32, &str)]) -> String {
    let mut text = String::new();
    for (i, (name, number, meaning)) in all.iter().enumerate() {
        let comma = if i + 1 == all.len() { "" } else { "," };
        writeln!(text, "    {name} = {number}{comma} /* {meaning} */").unwrap();
    }
    text
}

fn rendered() -> String {
    let template = include_str!("../../src/capi/zeropoint.h.in");
    let mut text = String::new();
    let mut described = Vec::new();
    for line in template.lines() {
        match line.strip_prefix('@').and_then(|line| line.strip_suffix('@')) {
            None => writeln!(text, "{line}").unwrap(),
            Some("version_macros") => text += &version_macros(),
            Some("statuses") => {
                text += "    ZP_OK = 0,\n";
                text += &constants(statuses());
            }
            Some("types") => text += &constants(types()),
            Some(name) => {
                let name = format!("zp_{name}");
                let export = exports().iter().find(|export| export.name == name);
                text += &declaration(export.unwrap_or_else(|| panic!("the list lacks {name}")));
                assert!(!described.contains(&name), "the template has {name} twice");
                described.push(name);
            }
        }
    }
    for export in exports() {
        assert!(
            described.iter().any(|name| name == export.name),
            "the template lacks {}",
            export.name
        );
    }
    text
}

/// `ZEROPOINT_BLESS=1` writes it.
#[test]
fn is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/zeropoint.h");
    let text = rendered();
    if std::env::var_os("ZEROPOINT_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    let differs = current.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(
        current == text,
        "include/zeropoint.h is not what src/capi says, from line {} on; ZEROPOINT_BLESS=1 writes it",
        differs.map_or(1, |line| line + 1)
    );
}

#[test]
fn names_and_numbers_are_unique() {
    let mut names: Vec<&str> = exports().iter().map(|export| export.name).collect();
    let functions = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), functions);
    for all in [statuses(), types()] {
        let mut numbers: Vec<i32> = all.iter().map(|constant| constant.1).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all.len());
    }
    assert!(names.iter().all(|name| name.starts_with("zp_")));
}
