//! `scorecard.svg`: our time over the best rival's, from the file that
//! `cargo bench --bench ratios -- scorecard` writes.

use std::path::{Path, PathBuf};

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::Outcome;
use crate::layout::{BLACK, GREEN, GREY, HEADING, LABEL, PALE, RED, SMALL, text, title};
use crate::numbers::short;

const LEFT: i32 = 390;
const CELL: i32 = 100;
const ROW: i32 = 24;
const TOP: i32 = 72;

/// Draws nothing if there is no such file in cargo's target folder.
pub(crate) fn draw(target: &Path, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let Ok(csv) = std::fs::read_to_string(target.join("scorecard.csv")) else {
        return Ok(Vec::new());
    };
    let rows: Vec<_> = csv.lines().map(|line| line.split(',').collect::<Vec<_>>()).collect();
    let Some((names, rows)) = rows.split_first().filter(|_| rows.iter().all(|r| r.len() == 6))
    else {
        return Err("scorecard.csv: not what the bench ratios writes".into());
    };
    let (mut operations, mut lengths) = (Vec::new(), Vec::new());
    for row in rows {
        if !operations.contains(&row[0]) {
            operations.push(row[0]);
        }
        if !lengths.contains(&row[1]) {
            lengths.push(row[1]);
        }
    }
    let file = folder.join("scorecard.svg");
    let (width, height) =
        (LEFT + CELL * lengths.len() as i32 + 12, TOP + ROW * operations.len() as i32 + 12);
    let root = SVGBackend::new(&file, (width as u32, height as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let heading = format!("time of zeropoint on {} over that of the best rival", names[2]);
    text(&root, &heading, (width / 2, 20), HEADING, BLACK, HPos::Center)?;
    for (length, x) in lengths.iter().zip((LEFT + CELL / 2..).step_by(CELL as usize)) {
        text(&root, &short(length.parse()?), (x, TOP - 14), LABEL, BLACK, HPos::Center)?;
    }
    for (operation, y) in operations.iter().zip((TOP + ROW / 2..).step_by(ROW as usize)) {
        text(&root, &title(operation), (12, y), LABEL, BLACK, HPos::Left)?;
    }
    for row in rows {
        let place =
            |all: &[&str], what| all.iter().position(|one| *one == what).unwrap_or(0) as i32;
        let x = LEFT + CELL * place(&lengths, row[1]);
        let y = TOP + ROW * place(&operations, row[0]);
        let ratio = if row[4].is_empty() { None } else { Some(number(row[2])? / number(row[4])?) };
        let colour = match ratio {
            None => PALE.mix(0.4),
            Some(ratio) if ratio <= 0.97 => GREEN.mix(0.5),
            Some(ratio) if ratio <= 1.03 => GREY.mix(0.3),
            Some(_) => RED.mix(0.5),
        };
        let words = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        let corners = [(x + 2, y + 2), (x + CELL - 2, y + ROW - 2)];
        root.draw(&Rectangle::new(corners, colour.filled()))?;
        text(&root, &words, (x + CELL / 2, y + ROW / 2), SMALL, BLACK, HPos::Center)?;
    }
    root.present()?;
    drop(root);
    Ok(vec![file])
}

fn number(text: &str) -> Outcome<f64> {
    Ok(text.parse()?)
}
