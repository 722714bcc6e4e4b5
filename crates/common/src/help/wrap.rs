//! Lines of a help, broken where a [line may be broken](timeline::text::pieces), and nowhere else.

use timeline::text::pieces;
use unicode_width::UnicodeWidthStr;

/// The text in lines of at most `columns` columns. A word that is wider has a line of its own, which is too wide.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(text) {
        let line = lines.last().map_or(0, |line| line.width());
        let fits = line + piece.trim_end().width() <= columns;
        if !fits && line > 0 {
            lines.push(String::new());
        }
        // No line begins with the space at which it was broken.
        let piece = if lines.last().is_some_and(String::is_empty) { piece.trim_start() } else { piece };
        lines.last_mut().into_iter().for_each(|line| line.push_str(piece));
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_spaces_and_between_chinese_characters() {
        assert_eq!(wrapped("the fork of a process", 10), ["the fork", "of a", "process"]);
        assert_eq!(wrapped("进程是正在运行的程序", 8), ["进程是正", "在运行的", "程序"]);
        assert_eq!(wrapped("用 kill -9 杀死它", 9), ["用 kill", "-9 杀死它"]);
    }

    #[test]
    fn no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one() {
        assert_eq!(wrapped("等待,直到(最后)结束", 8), ["等待,直", "到(最后)", "结束"]);
        assert_eq!(wrapped("等到结束。", 8), ["等到结", "束。"]);
    }

    #[test]
    fn a_word_that_is_too_wide_stays_whole() {
        assert_eq!(wrapped("see --max-connections now", 8), ["see", "--max-connections", "now"]);
    }
}
