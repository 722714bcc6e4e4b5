//! The protocol: what is printed and what is sent back for the bytes of a client. It does no input or
//! output, so every model can use it.

/// The most bytes that one read takes, as in the notes.
pub const READ: usize = 1024;

/// The text of one client. A stream cuts text anywhere, so the bytes of an incomplete character wait here
/// for the next read.
#[derive(Debug, Default)]
pub struct Echo {
    /// At most three bytes: the beginning of a character.
    pending: Vec<u8>,
}

impl Echo {
    /// Takes the bytes of one read. Returns their text, and leaves in `bytes` what is sent back.
    ///
    /// The answer is Python's `bytes.upper()`: ASCII letters in upper case, any other byte unchanged. So an
    /// answer is as long as what it answers, and needs no complete characters. The text shows bytes that
    /// are not UTF-8 as `�`.
    ///
    /// ```
    /// use tcp_server::echo::Echo;
    ///
    /// let (mut echo, mut first, mut second) = (Echo::default(), *b"caf\xc3", *b"\xa9");
    /// assert_eq!(echo.take(&mut first) + &echo.take(&mut second), "café");
    /// assert_eq!([&first[..], &second].concat(), "CAFé".as_bytes());
    /// ```
    pub fn take(&mut self, bytes: &mut [u8]) -> String {
        let text = self.decode(bytes);
        Self::upper(bytes);
        text
    }

    /// Leaves in `bytes` what is sent back, without the text.
    ///
    /// ```
    /// let mut bytes = *b"hello \xff";
    /// tcp_server::echo::Echo::upper(&mut bytes);
    /// assert_eq!(&bytes, b"HELLO \xff");
    /// ```
    pub fn upper(bytes: &mut [u8]) {
        bytes.make_ascii_uppercase();
    }

    /// The end of the stream. Returns `�` if it ends within a character.
    pub fn end(self) -> String {
        String::from_utf8_lossy(&self.pending).into_owned()
    }

    fn decode(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::with_capacity(self.pending.len());
        let mut rest = Vec::new();
        let mut chunks = self.pending.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            if chunks.peek().is_none() && is_beginning(chunk.invalid()) {
                rest = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.pending = rest;
        text
    }
}

/// Whether further bytes could make a character of these.
fn is_beginning(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of one to four bytes, and invalid bytes: cut short, overlong, out of place.
    const STREAM: &[u8] =
        b"a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80z\xe4\xbda\x80\xff\xf0\x9f\x98\xc0\xaf\xed\xa0\x80\xe5";

    fn text_of<'b>(reads: impl IntoIterator<Item = &'b [u8]>) -> String {
        let mut echo = Echo::default();
        let texts: String = reads.into_iter().map(|read| echo.take(&mut read.to_vec())).collect();
        assert!(echo.pending.len() <= 3, "{:?}", echo.pending);
        texts + &echo.end()
    }

    #[test]
    fn it_does_not_matter_where_a_stream_is_cut() {
        let whole = String::from_utf8_lossy(STREAM);
        assert_eq!(text_of(STREAM.chunks(1)), whole);
        for first in 0..=STREAM.len() {
            for second in first..=STREAM.len() {
                let reads = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
                assert_eq!(text_of(reads), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn a_character_is_shown_as_soon_as_it_is_complete() {
        let mut echo = Echo::default();
        let mut take = |bytes: &[u8]| echo.take(&mut bytes.to_vec());
        assert_eq!([take(b"\xe4"), take(b"\xbd"), take(b"\xa0!")], ["", "", "你!"]);
        assert_eq!([take(b"\xe4\xbd"), take(b"?")], ["", "\u{fffd}?"]);
    }

    #[test]
    fn ascii_letters_become_upper_case_and_all_other_bytes_stay() {
        let (small, capital) = (b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        for byte in 0..=u8::MAX {
            let mut answer = [byte];
            Echo::default().take(&mut answer);
            let place = small.iter().position(|letter| *letter == byte);
            assert_eq!(answer, [place.map_or(byte, |place| capital[place])]);
        }
    }
}
