//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::what_does_a_seventh_put_do,
    command: &["ipc-queue", "--scene", "full"],
    scene: "full",
    answers: &[Answer::Check(words::sleeps)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "队列:先进先出。"),
    (
        "lesson",
        "生产者和消费者不必见面:队列按次序保存它们之间的数据。有界队列还能让过快的生产者等待:队列满了,put 等待,正如队列空了,get 等待。线程共享内存,语言自带的队列就够用;进程不共享内存,它们的队列放在内核映射给每个进程的内存里。

各幕:
  fifo       a 到 f 经过容量为六的队列,从一个线程到另一个线程
  full       队列满了:put 等待,超时放弃,取走一个之后成功
  processes  一道菜从一个进程到另一个进程,即使前者早已结束",
    ),
    (
        "examples",
        "示例:
  ipc-queue                          所有各幕,比笔记快十倍
  ipc-queue --scene full --speed 1   在满的队列前等待的一秒和五秒,完整地演示
  ipc-queue --lang en                英语",
    ),
];
