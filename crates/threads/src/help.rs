//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::does_main_see_the_write_of_a_process,
    command: &["threads", "--scene", "memory"],
    scene: "memory",
    answers: &[Answer::Check(words::sees_no_write_of_process)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "线程还是进程?"),
    (
        "lesson",
        "进程拥有资源:内存、文件、pid。线程在进程里执行,和该进程的其他线程共享这一切。所以线程启动得快,能看到别的线程写入的值;进程要有自己的内存映射,它写入的只属于自己。

各幕:
  function  同一个函数,作为线程和作为进程;主线程同时继续执行
  object    同一个类型的 run 方法:由主线程调用、由线程执行、由进程执行
  order     谁先说话?两种都可能先:这与开销无关
  memory    主线程能看到线程写入的值;进程写入的值,只有在共享内存里才能看到
  cost      线程和进程各自启动要多久,运行要多少内存",
    ),
    (
        "examples",
        "示例:
  threads                  所有各幕,比笔记快十倍
  threads --scene order    为什么笔记的两行输出什么也证明不了
  threads --scene cost     什么才能证明:在这台机器上测量
  threads --lang en        英语",
    ),
];
