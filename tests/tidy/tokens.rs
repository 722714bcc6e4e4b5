//! The paths in tokens that nothing parses: the arguments of a macro, the body of a macro's definition.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream};

use super::source::Role;

type Tokens = Peekable<token_stream::IntoIter>;
type Found = (Vec<String>, Role, usize);

/// Each path of two segments or more, each macro that is called, and their lines. `$crate` counts as `crate`.
pub(crate) fn mentions(stream: &TokenStream) -> Vec<Found> {
    let mut found = Vec::new();
    let mut tokens = stream.clone().into_iter().peekable();
    // The punctuation directly before the next token.
    let mut before = String::new();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) => {
                before.push(punct.as_char());
                continue;
            }
            TokenTree::Ident(first) if !continues_a_path(&before) => {
                let root = before.ends_with("::").then(|| "::".to_owned());
                let segments = root.into_iter().chain([first.to_string()]).collect();
                chain(segments, first.span().start().line, &mut tokens, &mut found);
            }
            TokenTree::Group(group) => found.extend(mentions(&group.stream())),
            _ => {}
        }
        before.clear();
    }
    found
}

/// Whether a name behind this punctuation is a field, a method, or belongs to the type before it.
fn continues_a_path(before: &str) -> bool {
    before.ends_with(">::") || before.ends_with('.') && !before.ends_with("..")
}

/// Reads the rest of a path behind its first name.
fn chain(mut segments: Vec<String>, line: usize, tokens: &mut Tokens, found: &mut Vec<Found>) {
    while is_punct(tokens.peek(), ':') {
        let mut ahead = tokens.clone();
        ahead.next();
        if !is_punct(ahead.peek(), ':') {
            break;
        }
        ahead.next();
        match ahead.next() {
            Some(TokenTree::Ident(name)) => segments.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                *tokens = ahead;
                return imports(&segments, &group, found);
            }
            _ => break,
        }
        *tokens = ahead;
    }
    if is_punct(tokens.peek(), '!') && !is_comparison(tokens) {
        found.push((segments, Role::Macro, line));
    } else if segments.len() > 1 {
        found.push((segments, Role::Path, line));
    }
}

/// The group of `use prefix::{..}`.
fn imports(prefix: &[String], group: &Group, found: &mut Vec<Found>) {
    let mut tokens = group.stream().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name == "as" => drop(tokens.next()),
            TokenTree::Ident(name) if name == "self" => {
                found.push((prefix.to_vec(), Role::Path, name.span().start().line));
            }
            TokenTree::Ident(name) => {
                chain([prefix, &[name.to_string()]].concat(), name.span().start().line, &mut tokens, found);
            }
            _ => {}
        }
    }
}

/// Whether the `!` that follows is the first half of `!=`.
fn is_comparison(tokens: &Tokens) -> bool {
    let mut ahead = tokens.clone();
    ahead.next();
    is_punct(ahead.peek(), '=')
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}
