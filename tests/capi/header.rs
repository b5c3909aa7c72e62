//! `include/zeropoint.h` is its template with the declarations of the list.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use zeropoint::capi::{Argument, Export, Pointer, exports, statuses};

const WIDTH: usize = 100;

/// `const float *src`
fn declared(argument: &Argument) -> String {
    let Argument { name, base, pointer, .. } = argument;
    let text = match pointer {
        Pointer::No => format!("{base} {name}"),
        Pointer::ToConst => format!("const {base} *{name}"),
        Pointer::ToMut => format!("{base} *{name}"),
    };
    // A pointer to a pointer.
    text.replace("* *", "**")
}

fn declaration(export: &Export) -> String {
    let returned = declared(&export.returns);
    let mut text = format!("{returned}{}(", export.name);
    let mut width = text.len();
    let arguments: Vec<String> = export.arguments.iter().map(declared).collect();
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

fn of_group(group: &str) -> String {
    exports().iter().filter(|export| export.group == group).map(|e| declaration(e)).collect()
}

fn version_macros() -> String {
    let parts = ["MAJOR", "MINOR", "PATCH"];
    let mut text = String::new();
    for (part, number) in parts.iter().zip(env!("CARGO_PKG_VERSION").split('.')) {
        writeln!(text, "#define ZP_VERSION_{part} {number}").unwrap();
    }
    text
}

fn status_lines() -> String {
    let mut text = "    ZP_OK = 0,\n".to_owned();
    let all = statuses();
    for (i, (name, number, message)) in all.iter().enumerate() {
        let comma = if i + 1 == all.len() { "" } else { "," };
        writeln!(text, "    {name} = {number}{comma} /* {message} */").unwrap();
    }
    text
}

fn rendered() -> String {
    let template = include_str!("../../src/capi/zeropoint.h.in");
    let mut text = String::new();
    let mut groups = Vec::new();
    for line in template.lines() {
        match line.strip_prefix('@').and_then(|line| line.strip_suffix('@')) {
            None => writeln!(text, "{line}").unwrap(),
            Some("version_macros") => text += &version_macros(),
            Some("statuses") => text += &status_lines(),
            Some(group) => {
                let declarations = of_group(group);
                assert!(!declarations.is_empty(), "the template has {group}, the list has not");
                assert!(!groups.contains(&group), "the template has {group} twice");
                groups.push(group);
                text += &declarations;
            }
        }
    }
    for export in exports() {
        assert!(groups.contains(&export.group), "the template lacks {}", export.group);
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
    let mut numbers: Vec<i32> = statuses().iter().map(|status| status.1).collect();
    let (functions, codes) = (names.len(), numbers.len());
    names.sort_unstable();
    names.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((names.len(), numbers.len()), (functions, codes));
    assert!(names.iter().all(|name| name.starts_with("zp_")));
}
