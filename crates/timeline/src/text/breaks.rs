//! Where a line may be broken: behind a space, and beside a character that takes two columns, as Chinese ones do.
//!
//! Of Unicode's rules (UAX #14) it has those of text in columns: no line begins with a closing mark, a full stop or a
//! small kana, none ends with an opening mark or the sign of a currency, and none begins with what belongs to the
//! character before it.

use unicode_width::UnicodeWidthChar;

/// No line begins with one of these: the classes CL, CP, EX, IS, NS, IN, PO, SY, BA, HY and QU.
const NOT_FIRST: &str = "\
    ,.:;!?)]}%/-|\"'»›’”‐–…‥⋯‰°′″℃\u{a0}\u{2060}\
    、。，．：；！？）］｝｠〉》」』】〕〗〙〛〞〟｡｣､･％￠・゠‼⁇⁈⁉〜〻々〽ゝゞヽヾー\
    ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ";
/// No line ends with one of these: the classes OP, PR and QU.
const NOT_LAST: &str = "([{\"'«‹‘“¿¡$£¥€+±−№\u{a0}\u{2060}（［｛｟〈《「『【〔〖〘〚〝｢＄￡￥";
/// It makes one sign of two.
const JOINER: char = '\u{200d}';

/// A text in the pieces between which a line may be broken. The spaces before a break end their piece.
///
/// ```
/// use timeline::text::pieces;
///
/// assert_eq!(pieces("fork 之后,退出。"), ["fork ", "之", "后,", "退", "出。"]);
/// ```
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut before) = (Vec::new(), 0, None);
    for (place, letter) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, letter)) {
            pieces.push(&text[start..place]);
            start = place;
        }
        // What takes no column is a part of the character before it.
        if letter.width() != Some(0) || letter == JOINER {
            before = Some(letter);
        }
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

fn may_break(before: char, letter: char) -> bool {
    if letter == ' ' || letter.width() == Some(0) || before == JOINER {
        return false;
    }
    let is_wide = |letter: char| letter.width() == Some(2);
    before == ' ' || (is_wide(before) || is_wide(letter)) && !NOT_FIRST.contains(letter) && !NOT_LAST.contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_be_broken_behind_a_space_and_beside_a_wide_character() {
        assert_eq!(pieces("a well-known  lock"), ["a ", "well-known  ", "lock"]);
        assert_eq!(pieces("用 kill -9 杀死3个"), ["用 ", "kill ", "-9 ", "杀", "死", "3", "个"]);
        assert_eq!(pieces(""), [""; 0]);
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        assert_eq!(pieces("《水浒》(武松)说:“好!”——"), ["《水", "浒》", "(武", "松)", "说:“好!”——"]);
        assert_eq!(pieces("「锁」。"), ["「锁」。"]);
        assert_eq!(pieces("涨￥5,跌3％…"), ["涨", "￥5,", "跌", "3％…"]);
        assert_eq!(pieces("キャッシュ"), ["キャッ", "シュ"]);
    }

    #[test]
    fn what_belongs_to_a_character_stays_with_it() {
        for whole in ["👩\u{200d}🚀", "か\u{3099}", "☺\u{fe0f}"] {
            assert_eq!(pieces(&format!("好{whole}好")), ["好", whole, "好"]);
        }
    }
}
