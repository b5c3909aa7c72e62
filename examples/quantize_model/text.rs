//! Measures and shortens text for the columns of a table.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the columns that a printable text takes; a Chinese character takes two.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the text in at most `most` columns. The middle is left out first, since the names of a
/// model differ at both ends.
pub(crate) fn elided(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.into();
    }
    let tail = most / 2;
    let head = most - tail - 1;
    let columns = |c: char| c.width().unwrap_or(0);
    let fits = |most: usize| {
        let mut used = 0;
        move |c: &char| {
            used += columns(*c);
            used <= most
        }
    };
    let head: String = text.chars().take_while(fits(head)).collect();
    let mut end: Vec<char> = text.chars().rev().take_while(fits(tail)).collect();
    end.reverse();
    head + "…" + &String::from_iter(end)
}

/// Returns the text with spaces behind it, up to `columns` columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}
