//! Formats numbers for pictures and tables.

/// A number of elements in units of 1024 or 1024².
pub(crate) fn short(len: u64) -> String {
    match len {
        _ if len >= 1 << 20 && len.is_multiple_of(1 << 20) => format!("{} Mi", len >> 20),
        _ if len >= 1 << 10 && len.is_multiple_of(1 << 10) => format!("{} Ki", len >> 10),
        _ => len.to_string(),
    }
}
