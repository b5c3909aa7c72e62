//! The table `targets/operation/in_out/len`, as markdown: every backend against its own limit, the
//! project's target, and each rival.

mod list;

use list::Level;
use zeropoint::{Auto, Backend};

use crate::cases::{self, Case};
use crate::measured::{Measured, figure};
use crate::numbers::short;
use crate::rounds::Effort;
use crate::{Request, machine};

/// Run once, to see that everything runs, longer slices show nothing new and take a while.
const LONGEST_ONCE: usize = 1 << 20;

/// The backends that are judged; the portable one by its rivals alone.
const BACKENDS: [&str; 3] = ["avx512", "avx2", "portable"];

/// The number of targets met, and those missed.
#[derive(Default)]
struct Score {
    met: usize,
    missed: Vec<String>,
}

/// Prints what is wanted; returns how many operations and lengths there were.
///
/// The other tables hold most of this, so it is printed only if the filter begins with its name.
pub(crate) fn print(request: &Request) -> usize {
    if !request.filter.starts_with("targets") && request.effort == Effort::Full {
        return 0;
    }
    let available: Vec<_> = Auto::available().map(|auto| auto.name()).collect();
    let backends: Vec<_> = BACKENDS.into_iter().filter(|name| available.contains(name)).collect();
    let mut printed = 0;
    let mut score = Score::default();
    for case in cases::all().into_iter().filter(|case| list::has(&case.id())) {
        for (len, level) in list::LENGTHS {
            let wanted = request.wants(&format!("targets/{}/{len}", case.id()));
            let worth_it = request.effort == Effort::Full || len <= LONGEST_ONCE;
            if wanted && worth_it && !backends.is_empty() {
                if printed == 0 {
                    print_heading();
                }
                let measured = Measured::new(&case, len, request.effort, takes_part);
                for backend in &backends {
                    print_row(&case, len, level, backend, &measured, &mut score);
                }
                printed += 1;
            }
        }
    }
    if printed > 0 {
        print_score(&score);
    } else if backends.is_empty() {
        eprintln!("targets: none for a backend that this CPU has");
    }
    printed
}

/// All but `scalar`, the threads and the free function.
fn takes_part(name: &str) -> bool {
    !["scalar", "parallel", "free"].contains(&name)
}

fn print_heading() {
    println!("\n{}\n", machine::line());
    println!(
        "| operation | elements | backend | ns/element | × limit | target | met \
         | plain | divps | reciprocal | rten |"
    );
    println!("|---|--:|---|--:|--:|--:|---|--:|--:|--:|--:|");
}

fn print_row(
    case: &Case,
    len: usize,
    level: Level,
    backend: &str,
    measured: &Measured,
    score: &mut Score,
) {
    let Some(time) = measured.fastest(|name| name == backend) else { return };
    let own = |kind: &'static str| {
        let suffix = format!("_{backend}");
        measured.fastest(|name| name.starts_with(kind) && name.ends_with(&suffix))
    };
    let ratio = own("limit_").map(|limit| time / limit);
    let target = list::of(&case.id(), backend, level);
    let met = match (ratio, target) {
        (Some(ratio), Some(target)) if ratio <= target => {
            score.met += 1;
            "yes"
        }
        (Some(ratio), Some(target)) => {
            let id = case.id();
            let missed = format!("{id} {} {backend}: {ratio:.3} for {target}", short(len as u64));
            score.missed.push(missed);
            "**no**"
        }
        _ => "",
    };
    let slower = |rival: Option<f64>| figure(rival.map(|rival| rival / time), 2);
    println!(
        "| {} | {} | {backend} | {time:.4} | {} | {} | {met} | {} | {} | {} | {} |",
        case.id(),
        short(len as u64),
        figure(ratio, 3),
        figure(target, 2),
        slower(measured.fastest(|name| name == "plain")),
        slower(own("divps_")),
        slower(own("reciprocal_")),
        slower(measured.fastest(|name| name.starts_with("rten"))),
    );
}

fn print_score(score: &Score) {
    println!("\n{} targets met, {} missed.", score.met, score.missed.len());
    for missed in &score.missed {
        println!("* missed: {missed}");
    }
    println!(
        "\n× limit: over the fastest kernel of the same instruction set that moves these bytes. \
         Below each rival: how many times as long as this backend it takes; rten with the \
         instructions that it chooses, the faster of its two builds."
    );
}
