//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::does_kill_remove_a_zombie,
    command: &["zombie", "--scene", "zombie"],
    scene: "zombie",
    answers: &[Answer::Check(words::kill_does_not_remove_it)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "僵尸进程和孤儿进程:在 /proc 里看它们,以及解决办法。"),
    (
        "lesson",
        "已经结束的进程会作为僵尸进程留在进程表里,直到父进程来问它是怎么结束的。父进程已经结束的进程是孤儿进程:它继续运行,并被收养;收养者是最近的、声明过愿意收养孤儿的祖先(subreaper),没有这样的祖先,就是 1 号进程。这里主进程做了这个声明,所以本程序的孤儿都由主进程自己回收。

各幕:
  zombie  已经结束的子进程状态是 Z,kill -9 也没有用,直到 join 回收它
  orphan  父进程被杀死之后子进程继续运行:它有了新的父进程,由它回收
  cures   不留僵尸进程:等待、忽略 SIGCHLD、两次 fork",
    ),
    (
        "examples",
        "示例:
  zombie                            所有各幕,比笔记快十倍
  zombie --scene orphan --speed 1   有时间用 ps -o pid,ppid,stat,comm 看看孤儿进程
  zombie --lang en                  英语",
    ),
];
