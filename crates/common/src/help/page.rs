//! The page of a help: as clap lays it out, but in the reader's language, and no wider than its terminal.

use anstyle::Style;
use clap::{Arg, Command};
use unicode_width::UnicodeWidthStr;

use super::prediction::{Prediction, predict_then_run};
use super::wrap::wrapped;
use super::{Form, Texts};
use crate::lang::Lang;

crate::words! {
    fn usage() { en: "Usage: ", zh: "用法:" }
    fn options_place() { en: "[OPTIONS]", zh: "[选项]" }
    fn command_place() { en: "[COMMAND]", zh: "[命令]" }
    fn commands() { en: "Commands", zh: "命令" }
    fn arguments() { en: "Arguments", zh: "参数" }
    fn options() { en: "Options", zh: "选项" }
    fn default_is(value) { en: "[default: {value}]", zh: "[默认:{value}]" }
    fn values_are(values) { en: "[possible values: {values}]", zh: "[可选值:{values}]" }
    fn possible_values() { en: "Possible values:", zh: "可选值:" }
    fn help_in_full() { en: "Print help (see a summary with '-h')", zh: "显示帮助(-h 只显示摘要)" }
    fn help_in_short() { en: "Print help (see more with '--help')", zh: "显示帮助(--help 显示全部)" }
    fn help_alone() { en: "Print help", zh: "显示帮助" }
    fn version() { en: "Print version", zh: "显示版本" }
    fn help_command() {
        en: "Print this message or the help of the given subcommand(s)", zh: "显示本帮助,或者某个命令的帮助"
    }
}

/// Where no terminal shows it, it is taken out as the page is printed.
const HEADING: Style = Style::new().bold().underline();
/// Where the text of an option begins in the long form.
const LONG_INDENT: usize = 10;
/// Below this many columns for a text, it stands on lines of its own.
const LEAST: usize = 24;
/// How far to the right of its name it stands there.
const BELOW: usize = 4;

/// The page of a program, and of each of its commands by name.
pub(super) fn of_all(
    mut command: Command,
    texts: Texts,
    lang: Lang,
    columns: usize,
    form: Form,
    predictions: &[Prediction],
) -> Vec<(Option<String>, String)> {
    command.build();
    let page = |command: &mut Command, predictions: &[Prediction]| {
        Page { texts, lang, columns, form, lines: Vec::new() }.of(command, predictions)
    };
    let mut pages = vec![(None, page(&mut command, predictions))];
    for command in command.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        let name = command.get_name().to_owned();
        let page = page(command, &[]);
        pages.push((Some(name), page));
    }
    pages
}

struct Page {
    texts: Texts,
    lang: Lang,
    columns: usize,
    form: Form,
    lines: Vec<String>,
}

impl Page {
    fn of(mut self, command: &mut Command, predictions: &[Prediction]) -> String {
        let usage = self.usage(command);
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let lesson = command.get_long_about().map(ToString::to_string).filter(|_| self.form == Form::Long);
        self.prose(&lesson.unwrap_or(about));
        self.lines.push(String::new());
        self.lines.extend(usage);
        let has_more = command.get_long_about().is_some() || command.get_arguments().any(has_value_texts);
        self.commands(command);
        let groups = groups(command, &arguments().in_lang(self.lang), &options().in_lang(self.lang));
        for (heading, group) in groups {
            self.heading(&heading);
            self.options(&group, has_more);
        }
        if let Some(after) = command.get_after_help() {
            self.lines.push(String::new());
            self.prose(&after.to_string());
        }
        self.predictions(predictions);
        self.lines.join("\n") + "\n"
    }

    fn words(&self, text: &crate::words::Text) -> String {
        text.in_lang(self.lang)
    }

    fn usage(&self, command: &mut Command) -> Vec<String> {
        let derived = command.render_usage().to_string();
        let first = self.words(&usage());
        let derived = derived.trim_end().strip_prefix("Usage: ").unwrap_or(&derived);
        let derived = derived.replace("[OPTIONS]", &self.words(&options_place()));
        let derived = derived.replace("[COMMAND]", &self.words(&command_place()));
        let indent = " ".repeat(first.width());
        let lines = derived.lines().enumerate();
        let first = format!("{HEADING}{first}{HEADING:#}");
        lines.map(|(at, line)| format!("{}{}", if at == 0 { &first } else { &indent }, line.trim())).collect()
    }

    fn heading(&mut self, heading: &str) {
        self.lines.push(String::new());
        self.lines.push(format!("{HEADING}{heading}:{HEADING:#}"));
    }

    fn commands(&mut self, command: &Command) {
        let rows = command.get_subcommands().map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let about = if command.get_name() == "help" { self.words(&help_command()) } else { about };
            (format!("  {}", command.get_name()), about)
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            self.heading(&self.words(&commands()));
            self.columns_of(&rows);
        }
    }

    fn options(&mut self, options: &[&Arg], has_more: bool) {
        if self.form == Form::Short {
            let rows = options.iter().map(|option| {
                let rest = self.values(option).into_iter().chain(self.default(option));
                let parts: Vec<_> = [self.text(option, has_more)].into_iter().chain(rest).collect();
                (names(option), parts.join(" ").trim_start().to_owned())
            });
            let rows: Vec<_> = rows.collect();
            self.columns_of(&rows);
            return;
        }
        for (at, option) in options.iter().enumerate() {
            if at > 0 {
                self.lines.push(String::new());
            }
            self.lines.push(names(option));
            let text = self.text(option, has_more);
            self.indented(LONG_INDENT, "", &text);
            if has_value_texts(option) {
                self.values_with_texts(option);
            } else if let Some(values) = self.values(option) {
                self.indented(LONG_INDENT, "", &values);
            }
            if let Some(default) = self.default(option) {
                self.indented(LONG_INDENT, "", &default);
            }
        }
    }

    fn text(&self, option: &Arg, has_more: bool) -> String {
        match (option.get_id().as_str(), self.form) {
            ("help", Form::Long) if has_more => self.words(&help_in_full()),
            ("help", Form::Short) if has_more => self.words(&help_in_short()),
            ("help", _) => self.words(&help_alone()),
            ("version", _) => self.words(&version()),
            _ => option.get_help().map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn default(&self, option: &Arg) -> Option<String> {
        let values = option.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
        let values: Vec<_> = values.filter(|_| option.get_action().takes_values()).collect();
        (!values.is_empty()).then(|| self.words(&default_is(values.join(" "))))
    }

    fn values(&self, option: &Arg) -> Option<String> {
        let values = option.get_possible_values();
        let names: Vec<_> = values.iter().map(|value| value.get_name().to_owned()).collect();
        let shown = option.get_action().takes_values() && !names.is_empty();
        shown.then(|| self.words(&values_are(names.join(", "))))
    }

    fn values_with_texts(&mut self, option: &Arg) {
        let values = option.get_possible_values();
        let longest = values.iter().map(|value| value.get_name().len()).max().unwrap_or(0);
        self.lines.push(format!("{}{}", " ".repeat(LONG_INDENT), self.words(&possible_values())));
        for value in &values {
            let key = format!("{}={}", option.get_id(), value.get_name());
            let own = value.get_help().map(ToString::to_string).unwrap_or_default();
            let text = self.texts.get(&key).map_or(own, str::to_owned);
            let name = format!("- {}: ", value.get_name());
            let name = format!("{name}{}", " ".repeat(longest - value.get_name().len()));
            self.indented(LONG_INDENT, &name, &text);
        }
    }

    /// What a reader may predict, in three lines each.
    fn predictions(&mut self, predictions: &[Prediction]) {
        if predictions.is_empty() {
            return;
        }
        self.lines.push(String::new());
        self.lines.push(format!("{HEADING}{}{HEADING:#}", self.words(&predict_then_run())));
        for prediction in predictions {
            let [question, command, seen] = prediction.lines(self.lang);
            self.indented(2, "", &question);
            self.lines.push(format!("  {command}"));
            self.indented(2, "", &seen);
        }
    }

    /// Names, and beside them, below each other, what they are.
    fn columns_of(&mut self, rows: &[(String, String)]) {
        let longest = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        for (name, text) in rows {
            if longest + 2 + LEAST <= self.columns {
                let first = format!("{name}{}", " ".repeat(longest + 2 - name.width()));
                self.indented(0, &first, text);
            } else {
                self.lines.push(name.clone());
                self.indented(LONG_INDENT, "", text);
            }
        }
    }

    /// A text of several lines below each other, the first of which begins with `first`.
    fn indented(&mut self, indent: usize, first: &str, text: &str) {
        let hang = indent + first.width();
        let lines = wrapped(text, self.columns.saturating_sub(hang).max(1));
        for (at, line) in lines.iter().enumerate() {
            let begin = if at == 0 { format!("{}{first}", " ".repeat(indent)) } else { " ".repeat(hang) };
            self.lines.push(format!("{begin}{line}").trim_end().to_owned());
        }
    }

    /// Paragraphs and lists: a line goes on where the next one has the same indent, and an item of a list where the
    /// next one is below its text.
    fn prose(&mut self, text: &str) {
        let mut block: Option<(usize, String, String)> = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            let (name, body) = item(line.trim_start());
            let hang = |(indent, name, _): &(usize, String, String)| indent + name.width();
            match &mut block {
                Some(open) if !line.trim().is_empty() && name.is_empty() && hang(open) == indent && !ends(&open.2) => {
                    open.2.push(' ');
                    open.2.push_str(body);
                }
                _ => {
                    self.block(block.take());
                    block = Some((indent, name.to_owned(), body.to_owned()));
                }
            }
        }
        self.block(block);
    }

    fn block(&mut self, block: Option<(usize, String, String)>) {
        let Some((indent, name, text)) = block else { return };
        if !name.is_empty() && indent + name.width() + LEAST > self.columns && !text.is_empty() {
            self.lines.push(format!("{}{}", " ".repeat(indent), name.trim_end()));
            self.indented(indent + BELOW, "", &text);
        } else if name.is_empty() && indent + LEAST > self.columns {
            // The text of a name on the line before.
            self.indented(indent.min(2 + BELOW), "", &text);
        } else {
            self.indented(indent, &name, &text);
        }
    }
}

/// Whether a line of prose stands alone: a heading.
fn ends(line: &str) -> bool {
    line.ends_with(':') || line.is_empty()
}

/// An item of a list as its name, with the spaces behind it, and its text. A line without one has no name.
fn item(line: &str) -> (&str, &str) {
    let gap = line.find("  ").filter(|at| *at > 0);
    let text = gap.map(|gap| line.len() - line[gap..].trim_start().len());
    text.map_or(("", line), |text| line.split_at(text))
}

fn has_value_texts(option: &Arg) -> bool {
    let takes = option.get_action().takes_values() && !option.is_hide_set();
    takes && option.get_possible_values().iter().any(|value| value.get_help().is_some())
}

/// The arguments that have no name, the options, and those under a heading of their own, in this order.
fn groups<'a>(command: &'a Command, arguments: &str, options: &str) -> Vec<(String, Vec<&'a Arg>)> {
    let mut groups: Vec<(String, Vec<&Arg>)> = vec![(arguments.to_owned(), vec![]), (options.to_owned(), vec![])];
    for option in command.get_arguments().filter(|option| !option.is_hide_set()) {
        let heading = match option.get_help_heading() {
            Some(heading) => heading,
            None if option.is_positional() => arguments,
            None => options,
        };
        match groups.iter_mut().find(|(known, _)| known == heading) {
            Some((_, group)) => group.push(option),
            None => groups.push((heading.to_owned(), vec![option])),
        }
    }
    groups.retain(|(_, group)| !group.is_empty());
    groups
}

/// `-h, --help`, `    --seed <N>`, `[KILLS]`.
fn names(option: &Arg) -> String {
    let values = option.get_value_names().unwrap_or_default();
    if option.is_positional() {
        let name = values.first().map_or(option.get_id().as_str(), |name| name.as_str());
        return if option.is_required_set() { format!("  <{name}>") } else { format!("  [{name}]") };
    }
    let short = option.get_short().map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
    let long = option.get_long().unwrap_or_default();
    let values = values.iter().filter(|_| option.get_action().takes_values()).map(|value| format!(" <{value}>"));
    format!("  {short}--{long}{}", values.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::help::Help;

    #[test]
    fn where_there_is_no_room_beside_a_name_each_text_stands_below_it() {
        let texts = Texts::new(Help::ENGLISH, Lang::En);
        let mut page = Page { texts, lang: Lang::En, columns: 30, form: Form::Long, lines: Vec::new() };
        page.prose(
            "Examples:\n  run --count 3   three times\n  run --connections 64\n                  an open loop of it",
        );
        let lines =
            ["Examples:", "  run --count 3", "      three times", "  run --connections 64", "      an open loop of it"];
        assert_eq!(page.lines, lines);
    }
}
