//! Counting records while they go by.

/// How many lines have ended.
pub struct Lines {
    ended: u64,
    has_quotes: bool,
    is_quoted: bool,
}

impl Lines {
    /// None has ended yet. A line break within quotes ends none where quotes stand around cells, as in CSV.
    pub fn new(has_quotes: bool) -> Self {
        Self { ended: 0, has_quotes, is_quoted: false }
    }

    /// Takes the next piece, which may end anywhere.
    pub fn count(&mut self, piece: &[u8]) {
        for byte in piece {
            match byte {
                // A quote within quotes is written twice, and so changes nothing.
                b'"' => self.is_quoted = self.has_quotes && !self.is_quoted,
                b'\n' if !self.is_quoted => self.ended += 1,
                _ => {}
            }
        }
    }

    /// So far.
    pub fn ended(&self) -> u64 {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn line_breaks_within_quotes_end_no_record_wherever_a_piece_ends() {
        let csv = b"store,name\nA,\"two\nlines, and \"\"quotes\"\"\"\nB,plain\n";
        for cut in 0..csv.len() {
            let mut lines = Lines::new(true);
            lines.count(&csv[..cut]);
            lines.count(&csv[cut..]);
            assert_eq!(lines.ended(), 3, "cut at {cut}");
        }
    }

    #[test]
    fn a_quote_in_json_is_a_byte_like_any_other() {
        let mut lines = Lines::new(false);
        lines.count(br#"{"name":"a \"b"}"#);
        lines.count(b"\n{}\n");
        assert_eq!(lines.ended(), 2);
    }
}
