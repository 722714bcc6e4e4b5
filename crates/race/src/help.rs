//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::how_much_is_left_after_a_pause,
    command: &["race", "--scene", "unlocked-slow"],
    scene: "unlocked-slow",
    answers: &[Answer::Figure(words::left_by_the_pause_alone)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "180 个线程,一个计数器:靠什么保护它?"),
    (
        "lesson",
        "每个线程读出计数器,减去 1,再写回去。如果别的线程在读和写之间写入,它的更新就丢失了。Python 的全局解释器锁(GIL)保护的是解释器,不是程序:它可能在读和写之间换手。Rust 没有这样的锁,也不需要它来保证安全:线程共享的计数器必须是原子的,或者放在互斥锁里,否则程序通不过编译。编译器看不出的是,一次读和一次写本来是一体的。这正是锁的用处,或者用一次原子操作。

各幕:
  mutex          加锁、读、停顿、写、解锁:剩 0
  unlocked       不加锁地读和写,许多轮:剩多少全凭运气
  unlocked-slow  所有线程都在有人写入之前读:只有一次更新有效,其余全部丢失
  atomic         一次不可分割的操作:剩 0;以及每种做法的开销",
    ),
    (
        "examples",
        "示例:
  race                                   所有各幕,比笔记快十倍
  race --scene unlocked --rounds 2000    在这台机器上多久出错一次?
  race --scene mutex --speed 1           九秒:在锁里,停顿会累加
  race --scene atomic --format json      每种做法的开销,供程序读取",
    ),
    ("threads", "多少个线程;计数器从这个数开始"),
    ("rounds", "`unlocked` 演示多少轮"),
];
