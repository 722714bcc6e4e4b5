//! The help in Chinese, and what to predict.

use common::help::{Answer, Help, Prediction, Translation};
use common::lang::Lang;

use crate::words;

pub(crate) const HELP: Help =
    Help { translations: &[Translation { lang: Lang::Zh, texts: ZH }], predictions: &[PREDICTION] };

const PREDICTION: Prediction = Prediction {
    question: words::how_many_buy_without_a_lock,
    command: &["ticket-mutex", "--lock", "none"],
    scene: "unlocked",
    answers: &[Answer::Figure(words::sold), Answer::Figure(words::different), Answer::Figure(words::left)],
};

const ZH: &[(&str, &str)] = &[
    ("about", "八个用户,五张票,一个文件:有锁与没有锁。"),
    (
        "lesson",
        "每个用户是一个进程。他先查询文件,再买票:读出余票数,等待网络,写回减去一的数。在读和写之间,别的用户不能读,否则同一张票会卖出两次;互斥锁让这三步成为一步。这里的互斥锁是文件锁:任何进程、任何终端都可以加锁;持锁者被杀死时,内核会释放它。

各幕:
  locked    --lock file:五个用户买到票,三个没有,文件里的余票是 0
  unlocked  --lock none:八个用户都在有人写入之前读到 5,于是八个都买到了

各个命令使用同一个文件,可以在任意多个终端里同时运行,它们会互相等待。演示正在使用这个文件时,命令会说明,并等到演示结束。

这个文件是 data/tickets.json,在工作区里,或者在当前目录下。没有 data 目录时,演示使用一个临时文件,结束后什么也不留下;restock 会创建这个目录。",
    ),
    (
        "examples",
        "示例:
  ticket-mutex                    售出五张,三个未买到,剩余 0 张
  ticket-mutex --lock none        5 号票卖出八次
  ticket-mutex restock 2          真正的买卖,可以在几个终端里同时进行:
  ticket-mutex buy --user 小明    买到票时退出代码是 0,售完时是 1
  ticket-mutex query",
    ),
    ("tickets", "一开始有多少张票"),
    ("buyers", "来多少个用户"),
    ("lock", "用什么保护售票 [默认:file]"),
    ("lock=file", "车票文件上的锁"),
    ("lock=none", "什么也不用"),
    ("file", "车票文件 [默认:data/tickets.json]"),
    ("sync", "什么时候算卖出"),
    ("sync=always", "写到磁盘之后:断电也不会丢失"),
    ("sync=never", "交给内核之后:任何进程死亡都不会丢失"),
    ("query", "查询余票"),
    ("buy", "买一张票;没有余票时退出代码是 1"),
    ("buy.user", "谁来买"),
    ("restock", "设定票数;没有文件时新建一个"),
    ("restock.tickets", "从现在起有多少张票"),
    ("<LOCK>", "保护方式"),
    ("<WHEN>", "时机"),
    ("<TICKETS>", "票数"),
];
