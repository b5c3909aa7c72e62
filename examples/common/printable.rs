//! Makes text that comes from a file or a command line fit for a terminal.

/// Returns the text with everything escaped that is not printed as itself: control characters, and
/// those that are invisible or turn the direction of the line.
pub(crate) fn printable(text: &str) -> String {
    let escaped = text.escape_debug().to_string();
    // Quotes and backslashes are escaped too, but are printed as they are.
    escaped.replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\")
}
