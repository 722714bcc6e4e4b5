//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::what_becomes_of_the_daemon,
    command: &["daemon", "--scene", "killed-parent"],
    scene: "killed-parent",
    answers: &[Answer::Check(words::kernel_ends_her)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "不能比父进程活得更久的子进程。"),
    (
        "lesson",
        "在 Python 的 multiprocessing 里,守护进程是父进程结束时随之被终止的子进程;普通的子进程,父进程会等它结束。(Unix 的守护进程比启动它的进程活得更久,那是另一回事。)Python 在父进程退出的途中终止它们,所以父进程被 kill -9 杀死时,它们会活下来。这里内核也会结束它们:靠的是父进程死亡信号。

各幕:
  daemon         纣王驾崩,他的守护进程苏妲己随他而去:她没有机会正常死亡
  ordinary       苏妲己不是守护进程:纣王的进程一直等到她正常死亡
  killed-parent  kill -9 纣王:苏妲己随他而去;他的儿子武庚不是守护进程,继续活着",
    ),
    (
        "examples",
        "示例:
  daemon                            所有各幕,比笔记快十倍
  daemon --scene daemon --speed 1   纣王在位的那一秒,完整地演示
  daemon --lang en                  英语",
    ),
];
