//! All contenders in turn, in many short rounds, so that a drift of the machine meets them alike;
//! see `README.md` in the folder above.
//!
//! `cargo bench --bench ratios -- scorecard` is the first thing to run on a new CPU;
//! `cargo bench --bench ratios -- FILTER` prints the tables whose name contains `FILTER`;
//! `cargo bench --bench ratios -- targets` sums up: every backend against limit, target and rivals.

#[path = "../cases/mod.rs"]
mod cases;
mod lengths;
mod machine;
mod measured;
#[path = "../plot/numbers.rs"]
mod numbers;
#[path = "../rivals/mod.rs"]
mod rivals;
mod rounds;
mod scorecard;
mod slices;
mod small;
mod table;
mod targets;
mod threads;

use rounds::Effort;

/// The arguments of the command line.
struct Request {
    filter: String,
    effort: Effort,
}

impl Request {
    /// Returns whether a table of this name is wanted.
    fn wants(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }
}

fn main() {
    let request = match parse(std::env::args().skip(1)) {
        Ok(request) => request,
        Err(wrong) => {
            stop(&format!("{wrong}; usage: cargo bench --bench ratios -- [--test] [FILTER]"))
        }
    };
    println!("zeropoint {}", zeropoint::version());
    cases::check_all();
    if request.effort == Effort::Once {
        println!("each runs once: the figures mean nothing");
    }
    let printed = table::print(&request)
        + threads::print(&request)
        + small::print(&request)
        + lengths::print(&request)
        + slices::print(&request)
        + targets::print(&request)
        + scorecard::print(&request);
    if printed == 0 {
        stop(&format!("no table's name contains \"{}\"", request.filter));
    }
}

/// Says what is wrong with the command, and ends the process.
fn stop(wrong: &dyn std::fmt::Display) -> ! {
    eprintln!("ratios: {wrong}");
    std::process::exit(2);
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut filter = None;
    let mut effort = Effort::Full;
    for argument in arguments {
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--test" => effort = Effort::Once,
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}")),
            _ if filter.is_some() => return Err(format!("a second filter {argument}")),
            _ => filter = Some(argument),
        }
    }
    Ok(Request { filter: filter.unwrap_or_default(), effort })
}
