//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::how_long_do_waits_take,
    command: &["cpu-io", "--scene", "io"],
    scene: "io",
    answers: &[
        Answer::Compared(words::rust_serial, words::wall_time),
        Answer::Compared(words::rust_threads, words::wall_time),
    ],
};

const ZH: &[(&str, &str)] = &[
    ("about", "多进程、多线程,还是都不用:计算密集型和 IO 密集型的任务。"),
    (
        "lesson",
        "计算密集型的任务一直在计算:同时进行多个,只在有多个核时有用。IO 密集型的任务一直在等待:一个核上可以有几百个同时等待。在 Rust 里,线程两样都做得好。在 Python 里,一把锁(GIL)让同一时刻只有一个线程在计算,所以计算密集型的任务需要多进程。而且任务要足够大:如果它比启动一个线程或进程还快,就是启动的开销说了算。笔记只量了启动:它从来没有 join。

各幕:
  cpu  笔记的求和,笔记的大小和 --work 的大小:串行、多线程、多进程
  io   等待的任务:串行、多线程、多进程

三种方式轮流测三轮,比较的是中位数。如果各轮之间的差别比三种方式之间的还大,或者机器正忙着别的事,就没有结论。

PATH 里有 python3(3.8 以上)时,表格里还有 Python 做同样任务的几行。全部做完要几分钟的时候,Python 只做其中一部分。",
    ),
    (
        "examples",
        "示例:
  cpu-io                                     两幕都演示;有 Python 时和 Rust 并列
  cpu-io --scene cpu --work 50000000         任务远远大于它的启动
  cpu-io --scene io --tasks 1000 --speed 1   一千个 50 毫秒的等待同时进行
  cpu-io --format json                       表格,供程序读取",
    ),
    ("tasks", "多少个任务"),
    ("work", "一个计算密集型的任务循环多少次"),
    ("io", "一个 IO 密集型的任务等待多少毫秒,再除以 --speed"),
];
