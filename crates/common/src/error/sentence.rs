//! The line of an error, in each language.

use killproof::process::{Death, RestartLimit, WatchError};
use timeline::foreign;

use crate::endings;
use crate::lang::Lang;
use crate::words::Text;

use super::why::cause;
use super::{Error, toolkit};

crate::words! {
    fn cannot_do_to(operation, object, cause) {
        en: "cannot {operation} {object}: {cause}", zh: "无法{operation}{object}:{cause}"
    }
    fn cannot(operation, cause) { en: "cannot {operation}: {cause}", zh: "无法{operation}:{cause}" }
    fn gave_up_waiting(what, seconds) {
        en: "gave up waiting for {what} after {seconds} s", zh: "等待{what},{seconds} 秒后放弃"
    }
    fn abandoned(operation, unfinished) {
        en: "cannot {operation} a queue: {unfinished} values are not done, and every consumer is dead",
        one(unfinished): "cannot {operation} a queue: {unfinished} value is not done, and every consumer is dead",
        zh: "无法{operation}队列:有 {unfinished} 个值没有完成,而消费者都已死亡"
    }
    fn threads_running(name, threads) {
        en: "cannot start {name}: this process runs {threads} threads, and a fork would copy only one; start processes first, or join the threads before",
        one(threads): "cannot start {name}: this process runs {threads} thread, and a fork would copy only one; start processes first, or join the threads before",
        zh: "无法启动{name}:本进程有 {threads} 个线程,而 fork 只复制其中一个;请先启动进程,或者先等线程结束"
    }
    fn guard_held(name, guards) {
        en: "cannot start {name}: this thread holds {guards} shared mutexes, and the child would be inside them as well; drop the guards first",
        one(guards): "cannot start {name}: this thread holds a shared mutex, and the child would be inside it as well; drop the guard first",
        zh: "无法启动{name}:本线程持有 {guards} 个共享互斥锁,子进程也会在锁内;请先释放它们"
    }
    fn ended_by(signal) { en: "ended by {signal}", zh: "被 {signal} 结束" }
    fn ended_with(name, end) { en: "{name} ended with {end}", zh: "{name}结束:{end}" }
    fn worker_ended_with(name, pid, end) {
        en: "{name} (pid {pid}) ended with {end}", zh: "{name}(pid {pid})结束:{end}"
    }
    fn output_closed() { en: "standard output was closed", zh: "标准输出已关闭" }
    fn gave_up(worker, deaths, seconds, allowed, ends) {
        en: "cannot restart {worker}: {deaths} deaths in {seconds} s, and {allowed}: {ends}",
        one(deaths): "cannot restart {worker}: {deaths} death in {seconds} s, and {allowed}: {ends}",
        zh: "无法再启动{worker}:{seconds} 秒内死亡 {deaths} 次,而{allowed}:{ends}"
    }
    fn restarts(number) {
        en: "{number} restarts are allowed", one(number): "{number} restart is allowed", zh: "只允许重启 {number} 次"
    }
    fn a_worker() { en: "a worker", zh: "工作者" }
    fn earlier_ones(number) { en: "{number} earlier ones", one(number): "{number} earlier one", zh: "更早的 {number} 次" }
    fn listed(first, next) { en: "{first}, {next}", zh: "{first},{next}" }

    /// A name in Latin letters after a Chinese word, and between two of them.
    fn after_chinese(name) { en: "{name}", zh: " {name}" }
    fn before_chinese(name) { en: "{name}", zh: "{name} " }
}

/// The sentence of an error, which is rendered in `lang`.
pub(super) fn of(error: &Error, lang: Lang) -> Text {
    match error {
        Error::Usage(text) => text.clone(),
        Error::Input { operation, object, cause } => {
            cannot_do_to(toolkit::operation(operation, lang), after(object, lang), cause)
        }
        Error::Refused { operation, object, source } => refused(operation, object, source, lang),
        Error::Unusable { operation, cause } => cannot(toolkit::operation(operation, lang), cause),
        Error::TimedOut { what, seconds } => gave_up_waiting(after(what, lang), *seconds),
        Error::Toolkit(error) => of_toolkit(error, lang),
        Error::Child { name, exit } => ended_with(before(&name.into(), lang), endings::of(*exit)),
        Error::GaveUp(WatchError::GaveUp { limit, deaths }) => of_supervisor(limit, deaths, lang),
        Error::GaveUp(other) => other.to_string().into(),
        Error::Relayed { message, .. } => message.clone(),
        Error::OutputClosed => output_closed(),
    }
}

fn refused(operation: &'static str, object: &Text, source: &std::io::Error, lang: Lang) -> Text {
    cannot_do_to(toolkit::operation(operation, lang), after(object, lang), cause(source))
}

fn of_toolkit(error: &killproof::Error, lang: Lang) -> Text {
    match error {
        killproof::Error::Refused { operation, object, source } => {
            refused(operation, &toolkit::in_words(object), source, lang)
        }
        killproof::Error::ThreadsRunning { name, threads } => threads_running(after(&name.into(), lang), *threads),
        killproof::Error::GuardHeld { name, guards } => guard_held(after(&name.into(), lang), *guards),
        killproof::Error::Unusable { operation, cause } => {
            cannot(toolkit::operation(operation, lang), toolkit::in_words(cause))
        }
        killproof::Error::TimedOut { what, seconds } => {
            gave_up_waiting(after(&toolkit::in_words(what), lang), *seconds)
        }
        killproof::Error::Abandoned { operation, unfinished } => {
            abandoned(before(&toolkit::operation(operation, lang).into(), lang), *unfinished)
        }
        killproof::Error::Interrupted(signal) => ended_by(signal.as_str()),
        other => other.to_string().into(),
    }
}

/// How many deaths the line lists.
const LISTED: usize = 16;

fn of_supervisor(limit: &RestartLimit, deaths: &[Death], lang: Lang) -> Text {
    let worker = deaths.last().map_or_else(a_worker, |death| death.name.as_str().into());
    let allowed = restarts(limit.restarts);
    let omitted = deaths.len().saturating_sub(LISTED);
    let earlier = (omitted > 0).then(|| earlier_ones(omitted));
    let ends = deaths[omitted..].iter();
    let ends = ends.map(|Death { name, pid, exit }| worker_ended_with(name, *pid, endings::of(*exit)));
    let ends = earlier.into_iter().chain(ends).reduce(listed).unwrap_or_else(|| "".into());
    gave_up(after(&worker, lang), deaths.len(), limit.per.as_secs_f64(), allowed, ends)
}

/// An object behind its verb: shortened, without a control character, and, behind Chinese, away from it.
fn after(object: &Text, lang: Lang) -> Text {
    let shown = foreign::value(&object.in_lang(lang));
    if shown.starts_with(|letter: char| letter.is_ascii()) { after_chinese(shown) } else { shown.into() }
}

fn before(name: &Text, lang: Lang) -> Text {
    let shown = foreign::value(&name.in_lang(lang));
    if shown.ends_with(|letter: char| letter.is_ascii()) { before_chinese(shown) } else { shown.into() }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use killproof::error::Phrase;
    use killproof::mutex::{LockError, SharedMutex};
    use killproof::queue::{GetError, JoinTimeoutError, PutError, PutTimeoutError, Queue};
    use nix::sys::signal::Signal;

    use super::*;
    use crate::lang::Lang;

    /// An error of the toolkit of each kind.
    fn errors() -> Vec<killproof::Error> {
        let full = || io::Error::from_raw_os_error(28);
        let count = || Phrase::new("{} {}", [7_u32.into(), "buyers".into()]);
        let limit = || Phrase::new("the limit of open files is {}", [64_u64.into()]);
        let mutex = SharedMutex::new(0).expect("shared memory");
        let held = mutex.lock().expect("free");
        let twice = mutex.lock().map(drop).expect_err("held");
        assert!(matches!(twice, LockError::AlreadyHeld));
        let twice = killproof::Error::from(twice);
        drop(held);
        vec![
            killproof::Error::refused("write to", "standard output", full()),
            killproof::Error::refused("start", count(), io::Error::other(limit())),
            killproof::Error::refused("read", Phrase::name("/proc/7/stat"), io::ErrorKind::InvalidData),
            killproof::Error::ThreadsRunning { name: "八戒".to_owned(), threads: 3 },
            killproof::Error::TimedOut { what: "an event to be set".into(), seconds: 60.0 },
            killproof::Error::Interrupted(Signal::SIGTERM),
            twice,
            PutError::Closed(1).into(),
            PutError::TooLarge { value: 1, size: 9, limit: 8 }.into(),
            PutTimeoutError::Stalled { value: 1, holder: 7 }.into(),
            GetError::Disconnected.into(),
            GetError::NoConsumer(Phrase::cause(&io::Error::from_raw_os_error(37))).into(),
            Queue::<u8>::new(0).map(drop).expect_err("no place"),
        ]
    }

    /// Each error of the toolkit that counts, of `count`.
    fn counting(count: usize) -> Vec<killproof::Error> {
        let small = u32::try_from(count).expect("a small number");
        vec![
            killproof::Error::ThreadsRunning { name: "八戒".to_owned(), threads: small.into() },
            killproof::Error::GuardHeld { name: "7".to_owned(), guards: small },
            killproof::Error::Abandoned { operation: "put into", unfinished: count },
            PutError::TooLarge { value: 1, size: count, limit: 0 }.into(),
            PutTimeoutError::Abandoned { value: 1, unfinished: count }.into(),
            JoinTimeoutError::Abandoned { unfinished: count }.into(),
            JoinTimeoutError::TimedOut { unfinished: count, leases: Vec::new() }.into(),
        ]
    }

    #[test]
    fn the_toolkits_errors_are_its_own_in_english_and_have_no_latin_word_in_chinese() {
        for error in errors().into_iter().chain((0..=2).flat_map(counting)) {
            let english = error.to_string();
            let error = Error::from(error);
            assert_eq!(error.in_lang(Lang::En), english);
            let chinese = error.in_lang(Lang::Zh);
            let words = chinese.split(|letter: char| !letter.is_ascii_alphanumeric());
            let latin = words.filter(|word| word.starts_with(|letter: char| letter.is_ascii_alphabetic()));
            let names = ["SIGTERM", "fork", "join", "proc", "stat"];
            assert_eq!(latin.filter(|word| !names.contains(word)).collect::<Vec<_>>(), [""; 0], "{chinese}");
        }
    }

    #[test]
    fn a_supervisor_that_gave_up_names_the_dead() {
        let limit = RestartLimit { restarts: 1, per: Duration::from_secs(5) };
        let exit = killproof::process::Exit::Code(3);
        let deaths = vec![Death { name: "悟空".to_owned(), pid: 7, exit }; 2];
        let english = WatchError::GaveUp { limit, deaths: deaths.clone() }.to_string();
        let error = Error::from(WatchError::GaveUp { limit, deaths });
        assert_eq!(error.in_lang(Lang::En), english);
        let chinese = "无法再启动悟空:5 秒内死亡 2 次,而只允许重启 1 次:悟空(pid 7)结束:代码 3,悟空(pid 7)结束:代码 3";
        assert_eq!(error.in_lang(Lang::Zh), chinese);
    }
}
