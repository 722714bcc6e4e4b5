//! What the tour prints, in each language.

use common::lang::Lang;
use common::pace::Speed;
use common::words::Text;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::status::Status;

/// The words of a section's manifest, in each language.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Words {
    pub(crate) en: &'static str,
    pub(crate) zh: &'static str,
}

impl Words {
    pub(crate) fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// A text in every language, as JSON: an object with a key for each.
pub(crate) fn in_each(text: impl Fn(Lang) -> String) -> Value {
    let texts = Lang::ALL.iter().map(|lang| (lang.code().to_owned(), Value::from(text(*lang))));
    texts.collect::<Map<_, _>>().into()
}

common::words! {
    fn at(seed, speed) { en: "tour seed {seed}, speed {speed}", zh: "tour 种子 {seed},速度 {speed}" }
    fn no_delays() { en: "inf", zh: "无延时" }
    pub(crate) fn section() { en: "section", zh: "章节" }
    pub(crate) fn lesson() { en: "lesson", zh: "要点" }
    pub(crate) fn claims_held() { en: "claims held", zh: "成立的断言" }
    pub(crate) fn measured() { en: "measured", zh: "测得" }
    pub(crate) fn time() { en: "time", zh: "用时" }

    /// How many claims of a section held.
    pub(crate) fn claims(held, made) { en: "{held} of {made}", zh: "{made} 条中 {held} 条" }
    /// The same where some have no verdict.
    pub(crate) fn claims_and_open(held, made, open) {
        en: "{held} of {made}, {open} without a verdict", zh: "{made} 条中 {held} 条,{open} 条没有结论",
    }
    /// The current scene, before its first claim.
    pub(crate) fn scene_without_claims(section, scene) { en: "{section}, {scene}", zh: "{section},{scene}" }
    /// How far the current scene is.
    pub(crate) fn scene(section, scene, held, made) {
        en: "{section}, {scene}: {held} of {made} claims held",
        one(made): "{section}, {scene}: {held} of {made} claim held",
        zh: "{section},{scene}:{made} 条断言中 {held} 条成立",
    }
    pub(crate) fn seconds(time) { en: "{time:.2} s", zh: "{time:.2} 秒" }
    /// A section has ended.
    pub(crate) fn section_ended(section, verdict, time) {
        en: "   {section}: {verdict}, {time:.2} s", zh: "   {section}:{verdict},{time:.2} 秒"
    }
    /// A verdict, and how many claims held.
    pub(crate) fn trouble_and_claims(trouble, claims) { en: "{trouble}, {claims}", zh: "{trouble},{claims}" }
    /// A figure of a scene with a check that has no verdict.
    pub(crate) fn without_verdict(figure) { en: "{figure} (no verdict)", zh: "{figure}(没有结论)" }
    /// Two figures of a section.
    pub(crate) fn figures(first, next) { en: "{first}; {next}", zh: "{first};{next}" }
    /// A claim that did not hold.
    pub(crate) fn broken(section, scene, claim, expected, observed) {
        en: "{section}, {scene}: {claim} (expected {expected}, observed {observed})",
        zh: "{section},{scene}:{claim}(预期 {expected},观察到 {observed})",
    }
    pub(crate) fn all_held(held, all, time) {
        en: "held: {held} of {all} sections, {time:.2} s",
        one(all): "held: {held} of {all} section, {time:.2} s",
        zh: "全部成立:{all} 节中 {held} 节成立,{time:.2} 秒",
    }
    pub(crate) fn not_all_held(held, all, time) {
        en: "not held: {held} of {all} sections, {time:.2} s",
        one(all): "not held: {held} of {all} section, {time:.2} s",
        zh: "不成立:{all} 节中只有 {held} 节成立,{time:.2} 秒",
    }
    /// The verdict of a tour that was ended before all sections were done.
    pub(crate) fn ended_early(done, all, held, time) {
        en: "ended early: {done} of {all} sections done, {held} of them held, {time:.2} s",
        one(all): "ended early: {done} of {all} section done, {held} of them held, {time:.2} s",
        zh: "提前结束:{all} 节中完成 {done} 节,其中 {held} 节成立,{time:.2} 秒",
    }
    pub(crate) fn export(path) { en: "export: {path}", zh: "导出:{path}" }
    /// From the plain pages of an export to the report.
    pub(crate) fn move_about() {
        en: "The report of the same tour, with timelines to move about in and all of the code",
        zh: "同一次巡览的报告:可以移动、放大的时间线,以及全部代码",
    }
    pub(crate) fn made_with(seed, speed) {
        en: "Made by tour --export, with seed {seed} and speed {speed}.",
        zh: "由 tour --export 生成,种子 {seed},速度 {speed}。",
    }
    pub(crate) fn report(path) { en: "report: {path}", zh: "报告:{path}" }

    // errors
    pub(crate) fn name_comes_first(name) {
        en: "a section's name comes first: tour {name} ...; see --help", zh: "章节的名称放在最前:tour {name} ...;用法见 --help"
    }
    pub(crate) fn none_is_left() {
        en: "--skip leaves out every section that --only asks for", zh: "--only 要的章节都被 --skip 去掉了"
    }
    pub(crate) fn no_report(error) {
        en: "no report: {error}; --report FILE names another place", zh: "没有报告:{error};用 --report 换一个位置"
    }
    pub(crate) fn unknown_section(name, known) {
        en: "unknown section '{name}'; the sections are {known}", zh: "没有 '{name}' 这一节;章节有 {known}"
    }
    pub(crate) fn no_browser() {
        en: "no browser is found; set BROWSER, or install xdg-open", zh: "找不到浏览器;请设置 BROWSER,或安装 xdg-open"
    }
    pub(crate) fn server_does_not_listen() { en: "its server does not listen", zh: "它的服务器没有在监听" }

    fn not_held() { en: "NOT HELD", zh: "不成立" }
    fn hung() { en: "hung", zh: "卡住" }
    fn crashed(signal) { en: "crashed by {signal}", zh: "崩溃:{signal}" }
    fn stopped(signal) { en: "ended by {signal}", zh: "被 {signal} 结束" }
    fn failed(code) { en: "failed with code {code}", zh: "失败:代码 {code}" }
    fn not_started() { en: "not started", zh: "没有启动" }
}

/// The first line of a tour.
pub(crate) fn begins(number: u64, speed: Speed) -> Text {
    at(number, if speed.is_infinite() { no_delays() } else { speed.to_string().into() })
}

/// What went wrong with a section. `None` where all is well.
pub(crate) fn trouble(status: &Status) -> Option<Text> {
    Some(match status {
        Status::Held => return None,
        Status::NotHeld => not_held(),
        Status::Hung => hung(),
        Status::Crashed(signal) => crashed(signal),
        Status::Stopped(signal) => stopped(signal.as_str()),
        Status::Failed(code) => failed(*code),
        Status::NotStarted(_) => not_started(),
    })
}
