//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::how_long_do_three_take,
    command: &["spawn", "--scene", "many", "--speed", "1"],
    scene: "many",
    answers: &[Answer::Figure(words::in_the_loop), Answer::Figure(words::after_all)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "启动进程,给进程命名,等待进程结束。"),
    (
        "lesson",
        "进程是正在运行的程序:有自己的内存、一个编号(pid)和一个父进程,也就是启动它的那个进程。启动立即返回,双方同时继续;join 会一直等到对方结束。

各幕:
  function  函数作为进程;主进程同时继续执行
  object    类型作为进程;调用它的 run 方法不会启动进程,start 才会
  many      三个任务,1、2、3 秒:在循环里 join(6 秒),或者全部启动之后再 join(3 秒)
  pids      父进程和子进程的 pid
  exits     进程的三种结局:代码、panic、信号",
    ),
    (
        "examples",
        "示例:
  spawn                          所有各幕,比笔记快十倍
  spawn --scene many --speed 1   完整的六秒和三秒
  spawn --lang en                英语",
    ),
];
